import { describe, expect, it } from "vitest";
import { type IdentityFacts, identityStanding } from "@/lib/session/oidc/identity-standing";

const start = new Date("2026-11-28T12:00:00Z");
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);

/** Ten minutes for both tokens, and a refresh token. */
const signIn: IdentityFacts = {
  ...{ idTokenExpiresAt: at(600), idTokenObtainedAt: start },
  ...{ accessTokenSealed: "box", accessTokenExpiresAt: at(600), obtainedAt: start },
  ...{ refreshTokenSealed: "box", nextTryAt: null },
};
const good = { is: "good", reason: "valid" };

describe("what a sign-in left behind", () => {
  it.each([
    ["is good until a minute is left", {}, 539, good],
    ["is due then", {}, 540, { is: "due", usable: false }],
    ["is over then without a refresh token", { refreshTokenSealed: null }, 540, { is: "over" }],
    [
      "is good after the access token without a refresh token",
      { accessTokenExpiresAt: at(60), refreshTokenSealed: null },
      100,
      good,
    ],
    [
      "is due when the access token ends first, and usable",
      { accessTokenExpiresAt: at(100) },
      60,
      { is: "due", usable: true },
    ],
    ["is good without any access token", { accessTokenSealed: null }, 100, good],
    ["is good with an access token that never ends", { accessTokenExpiresAt: null }, 300, good],
    [
      "is good for half of a short lifetime",
      { idTokenExpiresAt: at(60), accessTokenExpiresAt: at(60) },
      29,
      good,
    ],
    [
      "is due after half of it",
      { idTokenExpiresAt: at(60), accessTokenExpiresAt: at(60) },
      31,
      { is: "due", usable: false },
    ],
    [
      "waits for the next try after a failure",
      { nextTryAt: at(700) },
      620,
      { is: "waiting", retryAt: at(700) },
    ],
    [
      "serves until the next try while the ID token is valid",
      { accessTokenExpiresAt: at(100), nextTryAt: at(300) },
      200,
      { is: "good", reason: "waiting_to_retry" },
    ],
    ["is due at the next try", { nextTryAt: at(590) }, 590, { is: "due", usable: false }],
    [
      "keeps an ID token that a refresh did not renew, for as long as the access token",
      { obtainedAt: at(550), accessTokenExpiresAt: at(1150) },
      1000,
      good,
    ],
    [
      "is due again when that access token ends",
      { obtainedAt: at(550), accessTokenExpiresAt: at(1150) },
      1100,
      { is: "due", usable: false },
    ],
    [
      "is due for an ID token that an earlier refresh left as it was still good",
      { obtainedAt: at(100), accessTokenExpiresAt: at(5000) },
      560,
      { is: "due", usable: false },
    ],
  ] as [string, Partial<IdentityFacts>, number, object][])("%s", (_, facts, seconds, standing) => {
    expect(identityStanding({ ...signIn, ...facts }, at(seconds))).toEqual(standing);
  });

  it.each([
    ["is good with one", {}, 100, good],
    ["is over without one", { accessTokenSealed: null, refreshTokenSealed: null }, 100, "over"],
    ["is due where a refresh may bring one", { accessTokenSealed: null }, 100, "due"],
    [
      "is over when it ended",
      { accessTokenExpiresAt: at(60), refreshTokenSealed: null },
      100,
      "over",
    ],
  ] as [string, Partial<IdentityFacts>, number, object | string][])(
    "for whoever needs the access token %s",
    (_, facts, seconds, expected) => {
      const standing = identityStanding({ ...signIn, ...facts }, at(seconds), "access_token");
      if (typeof expected === "string") expect(standing.is).toBe(expected);
      else expect(standing).toEqual(expected);
    },
  );
});
