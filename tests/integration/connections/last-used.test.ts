import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { GET as consoleRoute } from "@/app/api/connections/everyone/route";
import { GET as ownRoute } from "@/app/api/connections/route";
import type { ToolCallEvent } from "@/lib/audit/tool-calls";
import type { connectionList } from "@/lib/contracts/connections/connection";
import type { ConsolePage } from "@/lib/contracts/connections/connection-console";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
const box = "v1.key.salt.nonce.box";
const clock = new Clock();
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  const { db } = usher.app;
  const http = { transport: "STREAMABLE_HTTP", url: "https://s.example/mcp" } as const;
  await db.mcpServer.createMany({
    data: [
      { ...http, id: "files", name: "Files", authentication: "OAUTH" },
      {
        ...{ ...http, id: "notes", name: "Notes", authentication: "HEADERS" },
        ...{ headerSharing: "PER_USER", settings: { personalHeaders: "X-Api-Key" } },
      },
    ],
  });
  const endpoint = "https://login.example/authorize";
  const client = { serverId: "files", clientId: "usher", tokenSharing: "SHARED" } as const;
  await db.oAuthClient.create({
    data: { ...client, authorizationEndpoint: endpoint, tokenEndpoint: endpoint },
  });
  const { id } = admin.user;
  const tokens = { serverId: "files", accessTokenSealed: box, obtainedAt: clock.now() };
  await db.storedTokenSet.createMany({
    data: [
      { ...tokens, id: "shared", ownerKey: "shared" },
      { ...tokens, id: "own", ownerKey: id, userId: id },
    ],
  });
  const key = { id: "key", serverId: "notes", userId: id, valuesSealed: box };
  await db.personalKey.create({ data: { ...key, savedAt: clock.now(), headerNames: [] } });
});
afterAll(() => usher.close());

async function call(change: Partial<ToolCallEvent>): Promise<void> {
  usher.app.toolCalls.add({
    ...{ actorId: admin.user.id, actorEmail: admin.user.email, ipAddress: null },
    ...{ serverId: "files", serverName: "Files", ownerKey: "shared", toolName: "list" },
    ...{
      assistantId: null,
      conversationId: null,
      outcome: "answered",
      durationMs: 1,
      health: null,
    },
    ...change,
  });
  await usher.app.toolCalls.flush();
}

async function lastUsed(): Promise<Record<string, string | null>> {
  const answer = await admin.visit(consoleRoute, { path: "/api/connections/everyone" });
  const { connections }: ConsolePage = await answer.json();
  return Object.fromEntries(connections.map(({ id, lastUsedAt }) => [id, lastUsedAt]));
}

it("an answered call records when its own tokens or key were used, and no other's", async () => {
  expect(await lastUsed()).toEqual({ shared: null, own: null, key: null });
  const first = clock.now().toISOString();
  await call({});
  expect(await lastUsed()).toEqual({ shared: first, own: null, key: null });
  clock.advance(minute);
  await call({ serverId: "notes", ownerKey: admin.user.id, outcome: "tool_error" });
  const second = clock.now().toISOString();
  expect(await lastUsed()).toEqual({ shared: first, own: null, key: second });
});

it("a person's own list says when each of their connections was last used", async () => {
  const { key, shared } = await lastUsed();
  const answer = await admin.visit(ownRoute, { path: "/api/connections" });
  const { connections }: z.infer<typeof connectionList> = await answer.json();
  expect(connections.map(({ serverId, connection }) => [serverId, connection.lastUsedAt])).toEqual([
    ["files", shared],
    ["notes", key],
  ]);
  expect([shared, key]).not.toContain(null);
});

it("a call that failed, or that needs no account, does not count as use", async () => {
  const before = await lastUsed();
  clock.advance(2 * 60 * minute);
  await call({ outcome: "AUTHORIZATION_REQUIRED", ownerKey: admin.user.id });
  await call({ outcome: "cancelled" });
  await call({ ownerKey: null });
  await call({ serverId: "gone" });
  expect(await lastUsed()).toEqual(before);
});

it("is written at most once an hour, and leaves the version of its tokens unchanged", async () => {
  clock.advance(2 * 60 * minute);
  const noted = clock.now().toISOString();
  const row = () => usher.app.db.storedTokenSet.findUniqueOrThrow({ where: { id: "shared" } });
  const before = await row();
  await call({});
  clock.advance(59 * minute);
  await call({});
  expect((await lastUsed()).shared).toBe(noted);
  clock.advance(minute);
  await call({});
  expect((await lastUsed()).shared).toBe(clock.now().toISOString());
  // A refresh in progress saves only if the version is unchanged.
  expect((await row()).version).toBe(before.version);
});
