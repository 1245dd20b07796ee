import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DELETE as deleteRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { PUT as switchRoute } from "@/app/api/mcp-servers/[serverId]/switch/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { startTeamHandbook } from "@/demo/practice-files";
import { callTool } from "@/lib/calls/call-tool";
import { claimNotices } from "@/lib/db/notices/notice";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  usher = await startInstallation();
  provider = await startProvider();
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

const input = () => oauthServerInput(provider, { name: "Wiki", oauth: { tokenSharing: "SHARED" } });

/** The stored state once the work after the responses is done. No sweep runs. */
async function openKinds(): Promise<string[]> {
  await usher.settle();
  const open = await usher.app.db.notice.findMany({ where: { closedAt: null } });
  return open.map(({ kind }) => kind);
}

function switchTo(serverId: string, on: boolean): Promise<Response> {
  const at = `/api/mcp-servers/${serverId}/switch`;
  return admin.visit(switchRoute, { path: at, method: "PUT", params: { serverId }, json: { on } });
}

const needed = ["shared_account_needs_authorization"];

it("follow an admin's changes to a server, without a sweep", async () => {
  const created = await admin.visit(createRoute, { path: "/api/mcp-servers", json: input() });
  expect(created.status).toBe(201);
  const { id: serverId } = (await created.json()) as { id: string };
  expect(await openKinds()).toEqual(needed);
  await authorize(admin, serverId);
  expect(await openKinds()).toEqual([]);
  const revokePath = `/oauth/revoke/${serverId}`;
  await admin.visit(revokeRoute, {
    path: revokePath,
    params: { serverId },
    json: { what: "server" },
  });
  expect(await openKinds()).toEqual(needed);
  await switchTo(serverId, false);
  expect(await openKinds()).toEqual([]);
  await switchTo(serverId, true);
  expect(await openKinds()).toEqual(needed);
  const deleting = { path: `/api/mcp-servers/${serverId}`, method: "DELETE", params: { serverId } };
  await admin.visit(deleteRoute, deleting);
  expect(await openKinds()).toEqual([]);
});

it("of other servers stay unchanged", async () => {
  const wiki = await createServer(usher.app, input());
  await createServer(usher.app, { ...input(), name: "Calendar" });
  await reconcileNotices(usher.app);
  await switchTo(wiki, false);
  expect(await openKinds()).toEqual(needed);
});

it("delay no request, however long they take", async () => {
  const serverId = await createServer(usher.app, input());
  await usher.app.db.$transaction(async (tx) => {
    await claimNotices(tx);
    expect((await switchTo(serverId, false)).status).toBe(200);
    expect((await switchTo(serverId, true)).status).toBe(200);
  });
  expect(await openKinds()).toEqual(needed);
});

it("fail no request if they could not be compared", async () => {
  const serverId = await createServer(usher.app, input());
  await usher.app.db.$executeRaw`ALTER TABLE "Notice" RENAME TO "NoticeAway"`;
  try {
    expect((await switchTo(serverId, false)).status).toBe(200);
    expect((await switchTo(serverId, true)).status).toBe(200);
    await usher.settle();
  } finally {
    await usher.app.db.$executeRaw`ALTER TABLE "NoticeAway" RENAME TO "Notice"`;
  }
  await switchTo(serverId, true);
  expect(await openKinds()).toEqual(needed);
});

it("close with the call in which a server accepts a token that it had refused", async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "after-change-"));
  const handbook = await startTeamHandbook({ provider, dataDir });
  try {
    const serverId = await createServer(usher.app, { ...input(), url: handbook.url });
    await authorize(admin, serverId);
    await usher.settle();
    // Refused so long ago that a call tries it again.
    const rejectedAt = new Date(Date.now() - 11 * 60_000);
    await usher.app.db.storedTokenSet.updateMany({ data: { rejectedAt } });
    usher.app.tokenCache.drop(serverId);
    await reconcileNotices(usher.app);
    expect(await openKinds()).toEqual(needed);
    const result = await callTool(usher.app, {
      ...{ serverId, toolName: "list_files", input: {}, user: admin.actor },
      signal: new AbortController().signal,
    });
    expect(result.isError).toBe(false);
    await expect.poll(openKinds).toEqual([]);
  } finally {
    await handbook.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
