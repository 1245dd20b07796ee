import { afterEach, beforeEach, expect, it } from "vitest";
import { GET as noticesRoute } from "@/app/api/notices/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { OpenNotice } from "@/lib/contracts/notices/open-notice";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { createServer } from "@/lib/servers/save";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 60 * 60_000;

let clock: Clock;
let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;
let mia: Visitor;
let serverId: string;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
  admin = await usher.join("ADMIN");
  mia = await usher.join("MEMBER");
  const input = { name: "Files", oauth: { tokenSharing: "PER_USER" as const } };
  serverId = await createServer(usher.app, oauthServerInput(provider, input));
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

/** What the provider adds to its responses, or omits, from now on. */
function answersWith(more: () => Record<string, unknown>): void {
  const change = (answer: Record<string, unknown>) => ({ ...answer, ...more() });
  provider.failNextTokenRequests(Number.POSITIVE_INFINITY, { kind: "changed", change });
}

/** Waits until the tools are read, which requests a token as well. */
async function authorizeMia(): Promise<void> {
  await authorize(mia, serverId);
  await usher.settle();
}

async function noticesOf(visitor: Visitor): Promise<OpenNotice[]> {
  return (await (await visitor.visit(noticesRoute, { path: "/api/notices" })).json()).notices;
}

async function refreshAfter(ms: number): Promise<void> {
  clock.advance(ms);
  const { refreshed } = await runRefreshSweep(usher.app, {
    ...{ trigger: "manual", claimForMs: 60_000, concurrency: 1 },
  });
  expect(refreshed).toBe(1);
}

const openKinds = async () =>
  (await usher.app.db.notice.findMany({ where: { closedAt: null } })).map(({ kind }) => kind);

it("notifies only the owner before a refresh token expires that refreshes do not extend", async () => {
  const end = clock.now().getTime() + 30 * hour;
  answersWith(() => ({ refresh_token_expires_in: (end - clock.now().getTime()) / 1000 }));
  await authorizeMia();
  await refreshAfter(hour);
  expect(await noticesOf(mia)).toEqual([]);
  await refreshAfter(6 * hour);
  expect(await openKinds()).toEqual(["access_ends_soon"]);
  expect(await noticesOf(mia)).toMatchObject([{ kind: "access_ends_soon", shared: false }]);
  expect(await noticesOf(admin)).toEqual([]);
  // The new consent comes with its own refresh token.
  answersWith(() => ({ refresh_token_expires_in: 60 * 60 * 24 * 30 }));
  await authorizeMia();
  expect(await noticesOf(mia)).toEqual([]);
  await reconcileNotices(usher.app);
  expect(await openKinds()).toEqual([]);
});

it("ignores refresh tokens that expire within hours and move with each refresh", async () => {
  answersWith(() => ({ refresh_expires_in: 7200 }));
  await authorizeMia();
  expect(await noticesOf(mia)).toEqual([]);
  for (const ms of [hour, hour]) await refreshAfter(ms);
  expect(await noticesOf(mia)).toEqual([]);
  const stored = await usher.app.db.storedTokenSet.findFirstOrThrow();
  expect(stored.refreshTokenExpiresAt?.getTime()).toBe(clock.now().getTime() + 2 * hour);
});

it("keeps the known expiry if a refresh sends no new refresh token and no expiry", async () => {
  answersWith(() => ({ refresh_token_expires_in: 20 * 60 * 60 }));
  await authorizeMia();
  answersWith(() => ({ refresh_token: undefined, refresh_token_expires_in: undefined }));
  await refreshAfter(hour);
  expect(await noticesOf(mia)).toMatchObject([{ kind: "access_ends_soon" }]);
});

it("opens in the second half of an access token's lifetime if there is no refresh token", async () => {
  answersWith(() => ({ refresh_token: undefined }));
  await authorizeMia();
  expect(await noticesOf(mia)).toEqual([]);
  clock.advance(hour / 2);
  expect(await noticesOf(mia)).toMatchObject([{ kind: "access_ends_soon" }]);
  clock.advance(hour / 2);
  expect(await noticesOf(mia)).toMatchObject([{ kind: "own_account_needs_authorization" }]);
});
