import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as listRoute } from "@/app/api/mcp-servers/route";
import { GET as refreshesRoute } from "@/app/api/refreshes/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { callTool } from "@/lib/calls/call-tool";
import { describeAccount } from "@/lib/calls/target";
import type { ConnectionListItem, ConnectionStatus } from "@/lib/contracts/connections/connection";
import type { RefreshOverview } from "@/lib/contracts/connections/refresh";
import type { McpServerDetail, McpServerSummary } from "@/lib/contracts/servers/mcp-server";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
let provider: AuthorizationServer;
let folder: string;
let files: PracticeMcpServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let member: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider();
  folder = await mkdtemp(path.join(tmpdir(), "usher-test-"));
  files = await startPersonalFiles({
    ...{ provider, dataDir: folder, listsToolsOpenly: true },
    introspectionCacheMs: 0,
  });
});
afterAll(async () => {
  await files.close();
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  const input = oauthServerInput(provider, { url: files.url });
  serverId = await createServer(usher.app, {
    ...input,
    oauth: { ...input.oauth, tokenSharing: "PER_USER" },
  });
  await authorize(admin, serverId, "ada");
  await authorize(member, serverId, "grace");
  await usher.settle();
});
afterEach(async () => {
  provider.stopFailing();
  files.rejectTokensOnce(0);
  await usher.close();
});

async function read<Answer>(route: Parameters<Visitor["visit"]>[0], path: string) {
  const response = await admin.visit(route, { path, params: { serverId } });
  return (await response.json()) as Answer;
}

/** What each place says about the admin's own account, and what the counts say about everyone's. */
async function everywhere() {
  const { servers } = await read<{ servers: McpServerSummary[] }>(listRoute, "/api/mcp-servers");
  const detail = await read<McpServerDetail>(detailRoute, `/api/mcp-servers/${serverId}`);
  const { connections } = await read<{ connections: ConnectionListItem[] }>(
    connectionsRoute,
    "/api/connections",
  );
  const { failures, upcoming } = await read<RefreshOverview>(refreshesRoute, "/api/refreshes");
  const account = await describeAccount(usher.app, serverId, admin.user);
  const standings = [
    servers[0]?.standing,
    detail.standing,
    detail.connection?.standing,
    connections[0]?.connection.standing,
  ];
  expect(new Set(standings.map((standing) => JSON.stringify(standing))).size).toBe(1);
  const named = detail.accountOwners.find(({ name }) => name === admin.user.name);
  expect(named?.status).toBe(standings[0]?.status);
  expect(detail.accountOwners).toHaveLength(2);
  const ofAdmin = ({ owner }: { owner: string }) => owner === admin.user.name;
  return {
    standing: standings[0],
    lastError: servers[0]?.lastError,
    people: detail.people,
    chatMayCall: account?.connected,
    failure: failures.find(ofAdmin)?.standing.status ?? null,
    isUpcoming: upcoming.some(ofAdmin),
  };
}

function call(visitor: Visitor) {
  const { user } = visitor;
  const signal = new AbortController().signal;
  return callTool(usher.app, { serverId, toolName: "list_files", input: {}, user, signal });
}

const over = (status: ConnectionStatus) => ({
  standing: { status, expiresAt: null, nextTryAt: null, renewal: null },
  people: { connected: 1, retrying: 0, needAuthorization: 1 },
  chatMayCall: false,
  failure: status,
  isUpcoming: false,
});

describe("a grant that was revoked at the provider while its access token had 56 minutes left", () => {
  it("needs re-authorization in the list, on the server's page, on Connections, in the chat and in the counts", async () => {
    expect(await everywhere()).toMatchObject({
      standing: { status: "connected", renewal: "automatic" },
      people: { connected: 2, retrying: 0, needAuthorization: 0 },
      ...{ chatMayCall: true, failure: null, isUpcoming: true },
    });
    clock.advance(4 * minute);
    await provider.revokeGrantsOf("ada");
    // The first call learns it from the provider, the second only from the MCP server.
    for (let calls = 0; calls < 2; calls++) {
      await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
      const said = await everywhere();
      expect(said).toMatchObject(over("needs_authorization"));
      expect(said.standing?.since).toBe(clock.now().toISOString());
      expect(said.lastError).toBe(said.standing?.reason);
      expect(said.lastError).toMatch(/uthorize/);
      clock.advance(minute);
    }
    await expect(call(member)).resolves.toMatchObject({ isError: false });
    expect(await everywhere()).toMatchObject(over("needs_authorization"));

    await authorize(admin, serverId, "ada");
    await usher.settle();
    expect(await everywhere()).toMatchObject({
      standing: { status: "connected", reason: null },
      people: { connected: 2, retrying: 0, needAuthorization: 0 },
      ...{ lastError: null, chatMayCall: true, failure: null, isUpcoming: true },
    });
  });
});

it("a fresh token that its MCP server refuses needs re-authorization, and is not said to renew", async () => {
  files.rejectTokensOnce(Number.POSITIVE_INFINITY);
  await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
  expect(await everywhere()).toMatchObject(over("needs_authorization"));
});

it("an account that a call finds refused gets its notice at once, without a sweep", async () => {
  files.rejectTokensOnce(Number.POSITIVE_INFINITY);
  await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
  await usher.app.underWay.settled();
  expect(await usher.app.db.notice.findMany({ where: { serverId } })).toMatchObject([
    { kind: "own_account_needs_authorization", userId: admin.user.id, closedAt: null },
  ]);
});

it("a provider outage leaves the account retrying everywhere, and its calls still go out", async () => {
  clock.advance(61 * minute);
  provider.failNextTokenRequests(Number.POSITIVE_INFINITY, { kind: "status", status: 503 });
  await expect(call(admin)).rejects.toMatchObject({ code: "try_later" });
  const said = await everywhere();
  expect(said).toMatchObject({
    standing: { status: "retrying", nextStep: "wait", expiresAt: null },
    people: { connected: 1, retrying: 1, needAuthorization: 0 },
    ...{ chatMayCall: true, failure: "retrying", isUpcoming: true },
  });
  expect(Date.parse(said.standing?.nextTryAt ?? "")).toBeGreaterThan(clock.now().getTime());
});

it("access that ends without a refresh token is Expired, in the counts too", async () => {
  await usher.app.db.storedTokenSet.updateMany({
    where: { serverId, ownerKey: admin.user.id },
    data: { refreshTokenSealed: null, nextRefreshAt: null },
  });
  expect((await everywhere()).standing).toMatchObject({ status: "expiring" });
  clock.advance(61 * minute);
  expect(await everywhere()).toMatchObject({
    ...over("expired"),
    failure: null,
  });
});

it("a call without consent is refused before anything is connected for it, both the first and the next", async () => {
  const { user } = await usher.join("MEMBER");
  let connections = 0;
  const mcp = {
    ...usher.app.mcp,
    callTool: () => {
      connections += 1;
      return Promise.reject(new Error("it was connected"));
    },
  };
  const signal = new AbortController().signal;
  for (let calls = 0; calls < 2; calls++) {
    await expect(
      callTool(
        { ...usher.app, mcp },
        { serverId, toolName: "list_files", input: {}, user, signal },
      ),
    ).rejects.toMatchObject({ code: "authorization_required", serverId, ownerKey: user.id });
  }
  expect(connections).toBe(0);
});
