import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DELETE as endAllRoute } from "@/app/api/account/sessions/route";
import { DELETE as deleteRoute, PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { DELETE as unlinkRoute } from "@/app/api/people/[userId]/single-sign-on/route";
import { openIdentity } from "@/lib/session/oidc/kept-tokens";
import { endOwnSession } from "@/lib/session/sessions";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { startInstallation } from "@/tests/support/installation";
import { sendJson } from "@/tests/support/local-http-server";
import type { Visitor } from "@/tests/support/visitor";
import { type Stage, setStage } from "./stage";

const revocationPath = "/token/revocation";

let stage: Stage;
let olga: Visitor;
let refreshToken: string;

beforeEach(async () => {
  stage = await setStage();
  olga = await stage.signIn("olga");
  refreshToken = await keptRefreshToken();
});
afterEach(() => stage.close());

async function keptRefreshToken(): Promise<string> {
  const { db, keyring } = stage.usher.app;
  const row = await db.identityTokens.findUniqueOrThrow({ where: { userId: olga.user.id } });
  return openIdentity(keyring, row).refreshToken ?? "";
}

/** Asks the provider directly, as anyone who had copied it would. */
async function works(token = refreshToken): Promise<boolean> {
  const { OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ISSUER } = stage.provider.env;
  const credentials = Buffer.from(`${OIDC_CLIENT_ID}:${OIDC_CLIENT_SECRET}`).toString("base64");
  const response = await fetch(`${OIDC_ISSUER}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: token }),
  });
  return response.ok;
}

const settled = () => stage.usher.app.underWay.settled();
const ended = () => stage.usher.app.db.endedSignIn.findMany();
const told = () => stage.provider.requests.filter((path) => path === revocationPath).length;
const sweep = () =>
  runRefreshSweep(stage.usher.app, { trigger: "cron", claimForMs: 1_000, concurrency: 1 });
const makeDue = () =>
  stage.usher.app.db.endedSignIn.updateMany({ data: { nextAttemptAt: new Date(0) } });
const clientOf = (visitor: Visitor) => ({
  ...{ ipAddress: null, userAgent: "", cookies: Object.fromEntries(visitor.cookies) },
});
const signOutEverywhere = () =>
  olga.visit(endAllRoute, { path: "/api/account/sessions", method: "DELETE" });
const person = () => ({ path: "/api/people/x", params: { userId: olga.user.id } });
const disable = () =>
  stage.admin.visit(personRoute, { ...person(), method: "PATCH", json: { disabled: true } });

describe("the refresh token of a sign-in becomes useless at the identity provider", () => {
  it("works until then", async () => {
    expect(await works()).toBe(true);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["signing out everywhere", signOutEverywhere],
    ["signing out in the last browser", () => endOwnSession(stage.usher.app, clientOf(olga))],
    ["being disabled", disable],
    [
      "unlinking",
      () =>
        stage.admin.visit(unlinkRoute, {
          ...{ path: "/api/people/x/single-sign-on", params: { userId: olga.user.id } },
          method: "DELETE",
        }),
    ],
  ])("after %s, without anyone waiting for it", async (_, end) => {
    await end();
    await settled();
    expect(await works()).toBe(false);
    expect(await ended()).toEqual([]);
  });

  it("after the person was deleted while the provider was unavailable", async () => {
    stage.provider.intercept(revocationPath, (_, response) => sendJson(response, 503, {}));
    await disable();
    const path = "/api/people/x?erase=true";
    const deleted = await stage.admin.visit(deleteRoute, { ...person(), path, method: "DELETE" });
    expect(deleted.status).toBe(200);
    await settled();
    expect(await ended()).toHaveLength(1);
    stage.provider.intercept(revocationPath, null);
    await makeDue();
    await sweep();
    expect(await works()).toBe(false);
    expect(await ended()).toEqual([]);
  });

  it("with the next sweep, if the process that signed out was killed", async () => {
    // Whatever deletes the row leaves the token to be revoked.
    await stage.usher.app.db.$executeRaw`DELETE FROM "IdentityTokens"`;
    expect(await ended()).toHaveLength(1);
    await sweep();
    expect(await works()).toBe(false);
  });

  it("after OIDC_KEEP_TOKENS was turned off", async () => {
    const { database, env: on } = stage.usher;
    const env = { ...on, OIDC_KEEP_TOKENS: "0" };
    const off = await startInstallation({ env, database, now: stage.clock.now });
    try {
      await runRefreshSweep(off.app, { trigger: "cron", claimForMs: 1_000, concurrency: 1 });
      expect(await works()).toBe(false);
    } finally {
      await off.app.db.$disconnect();
    }
  });
});

describe("a sign-in that continues", () => {
  it("is not revoked with one of two browsers", async () => {
    const second = await stage.signIn("olga");
    await endOwnSession(stage.usher.app, clientOf(second));
    await settled();
    expect(told()).toBe(0);
    expect(await works(await keptRefreshToken())).toBe(true);
  });

  it("is not ended by the leftovers of an earlier one", async () => {
    stage.provider.intercept(revocationPath, (_, response) => sendJson(response, 503, {}));
    await signOutEverywhere();
    await settled();
    olga = await stage.signIn("olga");
    stage.provider.intercept(revocationPath, null);
    const before = told();
    await makeDue();
    await sweep();
    expect(told()).toBe(before);
    expect(await ended()).toEqual([]);
    expect(await works(await keptRefreshToken())).toBe(true);
  });
});

describe("signing out", () => {
  it("does not wait for a provider that does not answer", async () => {
    let answer = () => {};
    stage.provider.intercept(revocationPath, (_, response) => {
      answer = () => sendJson(response, 200, {});
    });
    expect((await signOutEverywhere()).status).toBe(204);
    await expect.poll(told).toBe(1);
    answer();
    await settled();
    expect(await ended()).toEqual([]);
  });

  it("does not send the token anywhere else: another client's and another provider's tokens stay", async () => {
    const { db } = stage.usher.app;
    await db.identityTokens.updateMany({ data: { clientId: "another" } });
    await signOutEverywhere();
    await settled();
    expect(told()).toBe(0);
    expect(await ended()).toHaveLength(1);
  });

  it("does not open a box that was moved to another person's row", async () => {
    await stage.usher.app.db.$executeRaw`DELETE FROM "IdentityTokens"`;
    await stage.usher.app.db.endedSignIn.updateMany({ data: { userId: stage.admin.user.id } });
    await sweep();
    expect(told()).toBe(0);
    expect(await works()).toBe(true);
  });

  it("gives up after seven days", async () => {
    await stage.usher.app.db.$executeRaw`DELETE FROM "IdentityTokens"`;
    const createdAt = new Date(Date.now() - 8 * 24 * 60 * 60_000);
    await stage.usher.app.db.endedSignIn.updateMany({ data: { createdAt } });
    await sweep();
    expect(told()).toBe(0);
    expect(await ended()).toEqual([]);
  });
});
