import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { POST as askAgainRoute } from "@/app/api/connections/everyone/[connectionId]/ask-again/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { createServer } from "@/lib/servers/save";
import { deleteOutlived, runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { sealTokens } from "@/lib/tokens/token-store";
import { newSigningSecret, sealSigningSecret } from "@/lib/webhooks/signing-secret";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 60 * 60_000;
const hostileName = 'Files "}]}\'; DROP TABLE "Notice" -- <b>';

let clock: Clock;
let provider: AuthorizationServer;
let usher: Installation;
let mia: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  provider = await startProvider();
  mia = await usher.join("MEMBER");
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

async function addServer(tokenSharing: "SHARED" | "PER_USER", name = "Files"): Promise<string> {
  return createServer(usher.app, oauthServerInput(provider, { name, oauth: { tokenSharing } }));
}

/** As the provider refused it. */
async function store(serverId: string, userId: string | null, rejected = true): Promise<void> {
  const owner = { serverId, ownerKey: userId ?? "shared" };
  const tokens = {
    ...{ accessToken: "canary-token", refreshToken: "canary-refresh", tokenType: "Bearer" },
    ...{ scope: null, expiresAt: null, obtainedAt: clock.now() },
  };
  const rejectedAt = rejected ? clock.now() : null;
  const sealed = sealTokens(usher.app.keyring, owner, tokens);
  await usher.app.db.storedTokenSet.create({ data: { ...owner, userId, rejectedAt, ...sealed } });
}

async function addWebhook(): Promise<void> {
  const id = randomUUID();
  const secretSealed = sealSigningSecret(usher.app.keyring, id, "secretSealed", newSigningSecret());
  // Nobody listens there; what is sent does not concern these tests.
  const url = "https://127.0.0.1:9/";
  const eventTypes = ["notice.opened", "notice.closed"];
  await usher.app.db.webhook.create({ data: { id, url, eventTypes, enabled: true, secretSealed } });
}

const open = () =>
  usher.app.db.notice.findMany({ where: { closedAt: null }, orderBy: { userId: "asc" } });

it("opens in a sweep, tells webhooks once, and closes when its cause is gone", async () => {
  await addWebhook();
  const serverId = await addServer("PER_USER", hostileName);
  await store(serverId, mia.user.id);
  const sweep = () =>
    runRefreshSweep(usher.app, { trigger: "manual", claimForMs: 1000, concurrency: 1 });
  await sweep();
  await sweep();
  const [notice, ...more] = await open();
  expect(more).toEqual([]);
  expect(notice).toMatchObject({
    ...{ kind: "own_account_needs_authorization", serverId, userId: mia.user.id },
    serverName: hostileName,
  });
  await usher.app.db.storedTokenSet.updateMany({ data: { rejectedAt: null } });
  await sweep();
  await sweep();
  expect(await open()).toEqual([]);
  const events = await usher.app.db.webhookEvent.findMany({
    where: { type: { startsWith: "notice." } },
    orderBy: { type: "desc" },
  });
  expect(events.map(({ type }) => type)).toEqual(["notice.opened", "notice.closed"]);
  expect(events[0]?.data).toEqual({
    ...{ id: notice?.id, kind: "own_account_needs_authorization", closedAt: null },
    server: { id: serverId, name: hostileName },
    audience: { admins: false, userId: mia.user.id },
    openedAt: notice?.openedAt.toISOString(),
  });
  expect(JSON.stringify(events)).not.toContain("canary");
});

it("is for admins if the account is shared, even before its first consent", async () => {
  const serverId = await addServer("SHARED");
  await reconcileNotices(usher.app);
  expect(await open()).toMatchObject([
    { kind: "shared_account_needs_authorization", serverId, userId: null },
  ]);
  await store(serverId, null, false);
  await reconcileNotices(usher.app);
  expect(await open()).toEqual([]);
});

it("that an admin requested stays through refreshes, until the person has authorized again", async () => {
  const serverId = await addServer("PER_USER");
  await authorize(mia, serverId);
  const admin = await usher.join("ADMIN");
  const { id: connectionId } = await usher.app.db.storedTokenSet.findFirstOrThrow();
  const path = `/api/connections/everyone/${connectionId}/ask-again`;
  const asked = await admin.visit(askAgainRoute, { path, params: { connectionId }, json: {} });
  expect(asked.status).toBe(200);
  await reconcileNotices(usher.app);
  const requested = [{ kind: "reauthorization_requested", serverId, userId: mia.user.id }];
  expect(await open()).toMatchObject(requested);
  // A refresh is not a consent.
  clock.advance(hour);
  await runRefreshSweep(usher.app, { trigger: "manual", claimForMs: 1000, concurrency: 1 });
  const { lastRefreshedAt } = await usher.app.db.storedTokenSet.findFirstOrThrow();
  expect(lastRefreshedAt).not.toBeNull();
  expect(await open()).toMatchObject(requested);
  await authorize(mia, serverId);
  await reconcileNotices(usher.app);
  expect(await open()).toEqual([]);
});

it("about a failing refresh opens once access has been gone for long", async () => {
  const serverId = await addServer("SHARED");
  await store(serverId, null, false);
  await usher.app.db.storedTokenSet.updateMany({
    data: { refreshFailures: 3, lastRefreshErrorAt: clock.now(), expiresAt: clock.now() },
  });
  await reconcileNotices(usher.app);
  expect(await open()).toEqual([]);
  clock.advance(hour);
  await reconcileNotices(usher.app);
  expect(await open()).toContainEqual(
    expect.objectContaining({ kind: "refresh_failing", serverId, userId: null }),
  );
});

it("is not for disabled people, auditors, or people who may not use the server", async () => {
  const serverId = await addServer("PER_USER");
  const auditor = await usher.join("AUDITOR");
  const disabled = await usher.join("MEMBER", "Dan Disabled");
  for (const { user } of [mia, auditor, disabled]) await store(serverId, user.id);
  const { db } = usher.app;
  await db.user.update({ where: { id: disabled.user.id }, data: { disabledAt: clock.now() } });
  await reconcileNotices(usher.app);
  expect(await open()).toMatchObject([{ userId: mia.user.id }]);
  await db.mcpServer.update({ where: { id: serverId }, data: { access: "CHOSEN" } });
  await reconcileNotices(usher.app);
  expect(await open()).toEqual([]);
});

it("is opened once by many processes at the same time", async () => {
  await addWebhook();
  await store(await addServer("PER_USER"), mia.user.id);
  // As their callers do: each waits for the others' statements.
  const reconcile = () => usher.app.db.$within(15_000, () => reconcileNotices(usher.app));
  await Promise.all(Array.from({ length: 8 }, reconcile));
  expect(await usher.app.db.notice.count()).toBe(1);
  expect(await usher.app.db.webhookEvent.count({ where: { type: "notice.opened" } })).toBe(1);
});

it("is closed, and webhooks notified, when its server is deleted; it is gone 30 days later", async () => {
  await addWebhook();
  const serverId = await addServer("SHARED");
  await reconcileNotices(usher.app);
  await usher.app.db.mcpServer.delete({ where: { id: serverId } });
  await reconcileNotices(usher.app);
  expect(await open()).toEqual([]);
  expect(await usher.app.db.webhookEvent.count({ where: { type: "notice.closed" } })).toBe(1);
  await deleteOutlived(usher.app);
  expect(await usher.app.db.notice.count()).toBe(1);
  clock.advance(31 * 24 * hour);
  await deleteOutlived(usher.app);
  expect(await usher.app.db.notice.count()).toBe(0);
});
