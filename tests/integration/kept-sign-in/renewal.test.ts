import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "@/lib/app";
import { readEnv } from "@/lib/env";
import { jwtClaims } from "@/lib/oauth/jwt";
import { openIdentity, sealIdentity } from "@/lib/session/oidc/kept-tokens";
import { sendJson } from "@/tests/support/local-http-server";
import { changeNextAnswer } from "@/tests/support/oidc-browser";
import { identityAt, keeping, minute, type Stage, setStage } from "./stage";

let stage: Stage;
let olga: string;

beforeEach(async () => {
  stage = await setStage();
  await stage.signIn("olga");
  olga = await stage.idOf("olga");
  stage.tokenRequests();
});
afterEach(() => stage.close());

const rowOf = (userId: string) =>
  stage.usher.app.db.identityTokens.findUnique({ where: { userId } });
const ofOlga = () => stage.usher.app.identityOf(olga);
/** ID tokens and access tokens live for ten minutes. */
const almostOver = () => stage.clock.advance(9.5 * minute);

describe("a kept sign-in", () => {
  it("names the person, the provider and Usher's client there, and is sealed", async () => {
    const { usher, provider } = stage;
    const identity = await identityAt(usher.app, olga);
    expect(identity).toMatchObject({
      ...{ issuer: provider.issuer, subject: "olga", accessToken: expect.stringMatching(/./) },
      client: {
        ...{ clientId: "usher", clientSecret: provider.env.OIDC_CLIENT_SECRET },
        ...{ tokenEndpoint: `${provider.issuer}/token`, issuer: provider.issuer },
        tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      },
    });
    expect(jwtClaims(identity.idToken)).toMatchObject({ sub: "olga", aud: "usher" });
    expect(stage.tokenRequests()).toBe(0);
    const row = JSON.stringify(await rowOf(olga));
    expect(row).not.toContain(identity.idToken);
    expect(row).not.toContain(identity.accessToken);
  });

  it("is renewed once for 20 callers in two processes, and all get the same result", async () => {
    const { usher, clock } = stage;
    const before = await identityAt(usher.app, olga);
    const replica = createApp(readEnv(usher.env), clock.now);
    try {
      almostOver();
      const callers = Array.from({ length: 20 }, (_, index) =>
        identityAt(index % 2 === 0 ? usher.app : replica, olga),
      );
      const identities = await Promise.all(callers);
      expect(stage.tokenRequests()).toBe(1);
      expect(new Set(identities.map(({ idToken }) => idToken)).size).toBe(1);
      expect(new Set(identities.map(({ accessToken }) => accessToken)).size).toBe(1);
      expect(identities[0]?.accessToken).not.toBe(before.accessToken);
      expect(await rowOf(olga)).toMatchObject({ version: 2, leaseId: null, refreshFailures: 0 });
      // The refresh token that came with it works as well.
      almostOver();
      await identityAt(replica, olga);
      expect(stage.tokenRequests()).toBe(1);
    } finally {
      await replica.mcp.close();
      await replica.db.$disconnect();
    }
  });

  it("is renewed by another process if its holder died", async () => {
    const { db } = stage.usher.app;
    almostOver();
    await db.$executeRaw`UPDATE "IdentityTokens"
      SET "leaseId" = 'of the dead', "leaseUntil" = now() + interval '60 seconds'`;
    await identityAt(stage.usher.app, olga);
    expect(stage.tokenRequests()).toBe(1);
  }, 20_000);

  it("keeps its ID token if a refresh returns none, and is not refreshed for it again", async () => {
    const before = await identityAt(stage.usher.app, olga);
    almostOver();
    changeNextAnswer(stage.provider, "/token", ({ id_token: _, ...body }) => body);
    const after = await identityAt(stage.usher.app, olga);
    expect(after.idToken).toBe(before.idToken);
    expect(after.accessToken).not.toBe(before.accessToken);
    stage.tokenRequests();
    stage.clock.advance(minute);
    await identityAt(stage.usher.app, olga);
    expect(stage.tokenRequests()).toBe(0);
  });
});

describe("a sign-in without a refresh token", () => {
  it("works until its ID token expires, and then ends", async () => {
    const other = await setStage({ refreshTokens: false });
    try {
      await other.signIn("pia");
      const pia = await other.idOf("pia");
      await identityAt(other.usher.app, pia);
      other.clock.advance(9.5 * minute);
      expect(await other.usher.app.identityOf(pia)).toEqual({
        ...{ found: false, because: "ended", reason: "Sign in with Acme ID again." },
      });
    } finally {
      await other.close();
    }
  });
});

describe("when the provider is unavailable", () => {
  const away = (status = 503) =>
    stage.provider.intercept("/token", (_request, response) => sendJson(response, status, {}));

  it("nothing is lost: the answer says when to try again, and works then", async () => {
    almostOver();
    away();
    const result = await ofOlga();
    expect(result).toMatchObject({
      ...{ found: false, because: "outage" },
      reason: "Acme ID has a problem right now. Usher tries again automatically.",
    });
    const { retryAt } = result as { retryAt: Date };
    expect(retryAt.getTime()).toBeGreaterThan(stage.clock.now().getTime());
    stage.tokenRequests();
    expect(await ofOlga()).toMatchObject({ because: "outage", retryAt });
    expect(stage.tokenRequests()).toBe(0);
    stage.provider.intercept("/token", null);
    stage.clock.advance(retryAt.getTime() - stage.clock.now().getTime() + 1);
    await identityAt(stage.usher.app, olga);
    expect(await rowOf(olga)).toMatchObject({ refreshFailures: 0, lastRefreshError: null });
  });

  it("a successful refresh is kept even if its ID token cannot be checked", async () => {
    // Its keys are cached with its metadata, and a newly started process has neither.
    const { usher, clock, provider } = stage;
    const replica = createApp(readEnv(usher.env), clock.now);
    try {
      almostOver();
      provider.intercept("/jwks", (_request, response) => sendJson(response, 503, {}));
      expect(await replica.identityOf(olga)).toMatchObject({ because: "outage" });
      expect(await rowOf(olga)).toMatchObject({ version: 2, accessTokenSealed: null });
      provider.intercept("/jwks", null);
      clock.advance(minute);
      const { accessToken } = await identityAt(replica, olga);
      expect(accessToken).not.toBeNull();
    } finally {
      await replica.mcp.close();
      await replica.db.$disconnect();
    }
  });

  it("nothing is lost when the database cannot save the provider's answer immediately", async () => {
    const { usher, provider } = stage;
    const { db } = usher.app;
    almostOver();
    let locked: Promise<unknown> = Promise.resolve();
    // The row is locked for longer than a statement may take, starting before the response arrives.
    provider.intercept("/token", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      provider.intercept("/token", null);
      await new Promise<void>((isLocked) => {
        locked = db.$transaction(async (tx) => {
          await tx.$queryRaw`SELECT 1 FROM "IdentityTokens" FOR UPDATE`;
          isLocked();
          await sleep(5000);
        });
      });
      const { authorization = "", "content-type": type = "" } = request.headers;
      const headers = { authorization, "content-type": type };
      const body = Buffer.concat(chunks);
      const answer = await fetch(`${provider.issuer}/token`, { method: "POST", headers, body });
      sendJson(response, answer.status, (await answer.json()) as object);
    });
    await identityAt(usher.app, olga);
    await locked;
    expect(await rowOf(olga)).toMatchObject({ version: 2, leaseId: null });
    stage.tokenRequests();
    almostOver();
    await identityAt(usher.app, olga);
    expect(stage.tokenRequests()).toBe(1);
  }, 30_000);

  it("a wrong client secret is for the operator to fix, and drops nothing", async () => {
    almostOver();
    stage.provider.intercept("/token", (_request, response) =>
      sendJson(response, 401, { error: "invalid_client" }),
    );
    expect(await ofOlga()).toMatchObject({
      because: "outage",
      reason: expect.stringContaining(
        "Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
      ),
    });
    expect(await rowOf(olga)).not.toBeNull();
  });
});

describe("a grant ended by the provider", () => {
  it("ends the sign-in: the tokens are deleted, and the person signs in once more", async () => {
    almostOver();
    stage.provider.intercept("/token", (_request, response) =>
      sendJson(response, 400, { error: "invalid_grant" }),
    );
    const reason = "Sign in with Acme ID again.";
    expect(await ofOlga()).toEqual({ found: false, because: "ended", reason });
    expect(await rowOf(olga)).toBeNull();
    expect(await ofOlga()).toMatchObject({ because: "not_kept" });
    stage.provider.intercept("/token", null);
    await stage.signIn("olga");
    await identityAt(stage.usher.app, olga);
  });
});

describe("an answer that is not this person's", () => {
  it.each([
    [
      "an ID token of somebody else, which the provider signed",
      async () => {
        await stage.signIn("eve");
        await withoutNonce();
        return (await identityAt(stage.usher.app, await stage.idOf("eve"))).idToken;
      },
    ],
    ["an ID token with a forged subject", async () => forged({ sub: "eve" })],
    ["an ID token for another client", async () => forged({ aud: "another" })],
    ["an ID token of another issuer", async () => forged({ iss: "https://evil.example" })],
  ])("(%s) is rejected, and what was kept is dropped", async (_, other) => {
    const idToken = await other();
    almostOver();
    changeNextAnswer(stage.provider, "/token", (body) => ({ ...body, id_token: idToken }));
    expect(await ofOlga()).toMatchObject({ found: false, because: "ended" });
    expect(await rowOf(olga)).toBeNull();
  });

  /** As with a provider that sends none: then only the subject distinguishes the two. */
  async function withoutNonce(): Promise<void> {
    const { keyring, db } = stage.usher.app;
    const row = await rowOf(olga);
    if (!row) throw new Error("Nothing was kept.");
    const tokens = openIdentity(keyring, row);
    const { nonce: _, ...claims } = jwtClaims(tokens.idToken) ?? {};
    const [head, , signature] = tokens.idToken.split(".");
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const idToken = [head, body, signature].join(".");
    const data = sealIdentity(keyring, olga, { ...tokens, idToken });
    await db.identityTokens.update({ where: { userId: olga }, data });
  }

  async function forged(claims: object): Promise<string> {
    const { idToken } = await identityAt(stage.usher.app, olga);
    const [head, , signature] = idToken.split(".");
    const body = JSON.stringify({ ...jwtClaims(idToken), ...claims });
    return [head, Buffer.from(body).toString("base64url"), signature].join(".");
  }
});

describe("a sign-in during the renewal of an earlier one", () => {
  it("wins: its tokens stay", async () => {
    almostOver();
    let arrived = () => {};
    const sent = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    stage.provider.intercept("/token", async (_request, response) => {
      stage.provider.intercept("/token", null);
      arrived();
      await held;
      sendJson(response, 200, { access_token: "late", token_type: "Bearer", expires_in: 600 });
    });
    const renewing = ofOlga();
    await sent;
    await stage.signIn("olga");
    const row = await rowOf(olga);
    answer();
    expect(await renewing).toMatchObject({ found: true });
    expect(await rowOf(olga)).toEqual(row);
  });
});

describe("keys and boxes", () => {
  it("do not open in another person's row, nor with altered database values", async () => {
    await stage.signIn("eve");
    const eve = await stage.idOf("eve");
    const { db } = stage.usher.app;
    const mine = await rowOf(olga);
    if (!mine) throw new Error("Nothing was kept.");
    const { idTokenSealed, accessTokenSealed, refreshTokenSealed } = mine;
    const { subject } = mine;
    const theirs = await rowOf(eve);
    await db.identityTokens.update({
      where: { userId: eve },
      data: { idTokenSealed, accessTokenSealed, refreshTokenSealed, subject },
    });
    expect(await stage.usher.app.identityOf(eve)).toMatchObject({ found: false });
    await db.identityTokens.update({
      where: { userId: eve },
      data: { ...theirs, subject },
    });
    expect(await stage.usher.app.identityOf(eve)).toMatchObject({ found: false });
    almostOver();
    stage.tokenRequests();
    expect(await stage.usher.app.identityOf(eve)).toMatchObject({ found: false });
    expect(stage.tokenRequests()).toBe(0);
  });

  it("of another client or provider are not used", async () => {
    const other = createApp(
      readEnv({ ...stage.usher.env, ...keeping, OIDC_CLIENT_ID: "another" }),
      stage.clock.now,
    );
    try {
      expect(await other.identityOf(olga)).toMatchObject({ because: "not_kept" });
    } finally {
      await other.mcp.close();
      await other.db.$disconnect();
    }
  });
});
