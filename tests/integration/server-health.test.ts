import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as listRoute } from "@/app/api/mcp-servers/route";
import { callTool } from "@/lib/calls/call-tool";
import { testServer } from "@/lib/calls/test-server";
import type { ServerHealth } from "@/lib/contracts/servers/health";
import type { McpServerDetail, McpServerSummary } from "@/lib/contracts/servers/mcp-server";
import { saveServerHealth } from "@/lib/db/servers/server-health";
import { createServer } from "@/lib/servers/save";
import { Clock } from "@/tests/support/clock";
import { startEchoingMcpServer } from "@/tests/support/echoing-mcp-server";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { nowhere, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const clock = new Clock();
let echo: Awaited<ReturnType<typeof startEchoingMcpServer>>;
let usher: Installation;
let admin: Visitor;
let serverId: string;
let named = 0;

beforeAll(async () => {
  echo = await startEchoingMcpServer();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterAll(async () => {
  await usher.close();
  await echo.close();
});
beforeEach(async () => {
  serverId = await newServer(echo.url);
});

/** With a key of the team, which the server accepts. */
function newServer(url: string): Promise<string> {
  named += 1;
  const headers = "Authorization: Bearer a key of the team";
  const input = { name: `Echo ${named}`, url, authentication: "HEADERS", headers } as const;
  return createServer(usher.app, serverInput(input));
}

async function detail(id = serverId): Promise<McpServerDetail> {
  const path = `/api/mcp-servers/${id}`;
  return (await admin.visit(detailRoute, { path, params: { serverId: id } })).json();
}

async function listed(id = serverId): Promise<McpServerSummary | undefined> {
  const answer = await admin.visit(listRoute, { path: "/api/mcp-servers" });
  const { servers }: { servers: McpServerSummary[] } = await answer.json();
  return servers.find((server) => server.id === id);
}

/** As the chat calls. Its outcome is written by then. */
async function call(id = serverId, toolName = "whoami", signal = new AbortController().signal) {
  const { user } = admin;
  const outcome = await callTool(usher.app, {
    serverId: id,
    toolName,
    input: {},
    user,
    signal,
  }).then(
    () => "answered",
    (error: Error) => error.message,
  );
  await usher.settle();
  return outcome;
}

it("nothing is known about a server that no one has called", async () => {
  const unused: ServerHealth = { status: "unused", answeredAt: null, failedAt: null, error: null };
  expect((await detail()).health).toEqual(unused);
  expect((await listed())?.health).toEqual(unused);
});

it("an answered call shows that the server works, in the list and on its page", async () => {
  expect(await call()).toBe("answered");
  const answeredAt = clock.now().toISOString();
  expect((await detail()).health).toMatchObject({ status: "working", answeredAt });
  expect((await listed())?.health).toMatchObject({ status: "working", answeredAt });
});

it("a call that reaches no one shows the error until the server answers again", async () => {
  const gone = await newServer(nowhere);
  expect(await call(gone)).not.toBe("answered");
  const { health, lastError } = await detail(gone);
  expect(health).toMatchObject({ status: "failing", failedAt: clock.now().toISOString() });
  expect(health?.error).toContain("refused the connection");
  expect(lastError).toBe(health?.error);
  expect((await listed(gone))?.lastError).toBe(health?.error);

  clock.advance(60_000);
  await usher.app.db.mcpServer.update({ where: { id: gone }, data: { url: echo.url } });
  usher.app.forget(gone);
  expect(await call(gone)).toBe("answered");
  const after = await detail(gone);
  expect(after.health).toMatchObject({ status: "working", error: health?.error });
  expect(after.lastError).toBeNull();
});

it("a tool that the server refuses, and a call that a person stops, do not count against the server", async () => {
  expect(await call(serverId, "no_such_tool")).not.toBe("answered");
  expect((await detail()).health?.status).not.toBe("failing");

  const gone = await newServer(nowhere);
  const stop = new AbortController();
  stop.abort();
  await call(gone, "whoami", stop.signal);
  expect((await detail(gone)).health?.status).toBe("unused");
});

it("reading the tools counts as well", async () => {
  for await (const _ of testServer(usher.app, serverId, admin.user.id));
  expect((await detail()).health?.status).toBe("working");
  const gone = await newServer(nowhere);
  for await (const _ of testServer(usher.app, gone, admin.user.id));
  expect((await detail(gone)).health).toMatchObject({ status: "failing" });
});

it("a late report from an older process does not overwrite a newer one, and deleted servers are skipped", async () => {
  const { db } = usher.app;
  const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute));
  const seen = (failedAt: Date, error: string) => ({ serverId, answeredAt: null, failedAt, error });
  await saveServerHealth(db, [seen(at(5), "newer")]);
  await saveServerHealth(db, [
    seen(at(3), "older"),
    { serverId: "deleted", answeredAt: at(1), failedAt: null, error: null },
  ]);
  expect((await detail()).health).toMatchObject({ failedAt: at(5).toISOString(), error: "newer" });
});

it("a server that answers all the time is recorded once per half minute", async () => {
  await call();
  const first = (await detail()).health?.answeredAt;
  clock.advance(10_000);
  await call();
  expect((await detail()).health?.answeredAt).toBe(first);
  clock.advance(21_000);
  await call();
  expect((await detail()).health?.answeredAt).toBe(clock.now().toISOString());
});
