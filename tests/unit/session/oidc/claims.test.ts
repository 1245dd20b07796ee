import { describe, expect, it } from "vitest";
import {
  isEmailVerified,
  lacksClaims,
  profileChanges,
  readProfile,
  scopeFor,
} from "@/lib/session/oidc/claims";

const token = { iss: "https://id.example.com", sub: "olga-1" };

describe("a profile", () => {
  it("takes from userinfo what the ID token lacks, and nothing that it has", () => {
    const idToken = { ...token, email: "olga@example.com", email_verified: true };
    const userinfo = { sub: "olga-1", name: "Olga", email: "other@example.com" };
    expect(readProfile(idToken, userinfo)).toMatchObject({
      ...{ issuer: token.iss, subject: token.sub },
      ...{ name: "Olga", email: "olga@example.com", emailVerified: "yes" },
    });
  });

  it("takes an address and its verification from the same place", () => {
    const userinfo = { email: "mine@example.com", email_verified: true };
    const victim = { ...token, email: "victim@example.com" };
    expect(readProfile(victim, userinfo)).toMatchObject({
      email: "mine@example.com",
      emailVerified: "yes",
    });
    expect(readProfile(victim, { email_verified: true })).toMatchObject({
      email: "victim@example.com",
      emailVerified: "unknown",
    });
    const verified = { ...token, email_verified: true };
    expect(readProfile(verified, { email: "victim@example.com" })).toMatchObject({
      email: "victim@example.com",
      emailVerified: "unknown",
    });
  });

  it.each([
    7,
    "",
    "no address",
    "a@b@c",
    "two words@example.com",
    `${"x".repeat(250)}@example.com`,
    {},
  ])("has no address if it says %j", (email) => {
    expect(readProfile({ ...token, email, email_verified: true }, null).email).toBeNull();
  });

  it("has a name of at most 80 characters, without anything that hides or turns text", () => {
    const name = ` \u202eOl\u0000ga ${"😀".repeat(100)}`;
    const read = readProfile({ ...token, name }, null).name ?? "";
    expect(read).toMatch(/^Olga 😀+$/u);
    expect([...read]).toHaveLength(80);
    expect(readProfile({ ...token, name: " \u200b " }, null).name).toBeNull();
  });

  it("is looked up in userinfo only if something is missing", () => {
    const whole = { email: "a@example.com", email_verified: false, name: "A" };
    expect(lacksClaims(whole)).toBe(false);
    for (const claim of Object.keys(whole)) {
      expect(lacksClaims({ ...whole, [claim]: undefined }), claim).toBe(true);
    }
  });
});

describe("an address", () => {
  const profile = (email_verified: unknown) =>
    readProfile({ ...token, email: "olga@example.com", email_verified }, null);

  it.each([undefined, null, false, 0, 1, "", "true", "false", "0", [], {}, "yes"])(
    "is not verified by %j",
    (word) => expect(isEmailVerified(profile(word), { trustEmail: false })).toBe(false),
  );

  it.each([
    [true, true],
    [undefined, true],
    [null, true],
    ["true", true],
    [false, false],
    ["false", false],
    [" FALSE ", false],
    [0, false],
    ["0", false],
    ["", false],
  ])("of a trusted provider that says %j counts: %s", (word, counts) => {
    expect(isEmailVerified(profile(word), { trustEmail: true })).toBe(counts);
  });
});

describe("the stored profile", () => {
  const user = { name: "Olga Here", email: "olga@here.example" };
  const last = { name: "Olga There", email: "olga@there.example" };

  it("is updated with what changed since the last sign-in", () => {
    expect(profileChanges(user, last, { ...last, emailIsVerified: true })).toEqual({});
    const changed = { name: "Olga Married", email: "new@there.example" };
    expect(profileChanges(user, last, { ...changed, emailIsVerified: true })).toEqual(changed);
  });

  it("takes no unverified address, and nothing that is missing", () => {
    const said = { name: null, email: "new@there.example", emailIsVerified: false };
    expect(profileChanges(user, last, said)).toEqual({});
    expect(profileChanges(user, last, { ...said, email: null, emailIsVerified: true })).toEqual({});
  });
});

describe("the scopes requested at a sign-in", () => {
  const off = { groupsClaim: null, keepTokens: false, scope: null };

  it.each([
    ["the usual scopes", off, ["offline_access", "groups"], ""],
    [
      "groups where there is such a scope",
      { ...off, groupsClaim: "groups" },
      ["groups"],
      " groups",
    ],
    ["no groups where there is none", { ...off, groupsClaim: "groups" }, undefined, ""],
    [
      "offline_access to keep a sign-in",
      { ...off, keepTokens: true },
      ["offline_access"],
      " offline_access",
    ],
    ["no offline_access where there is none", { ...off, keepTokens: true }, ["openid"], ""],
    [
      "an operator's own scopes, each once",
      { groupsClaim: "groups", keepTokens: true, scope: "api://usher/access groups email" },
      ["groups", "offline_access"],
      " api://usher/access groups offline_access",
    ],
  ] as [string, Parameters<typeof scopeFor>[0], string[] | undefined, string][])(
    "is %s",
    (_, env, supported, more) => {
      expect(scopeFor(env, supported)).toBe(`openid email profile${more}`);
    },
  );
});
