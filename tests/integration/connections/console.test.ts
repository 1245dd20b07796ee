import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as askRoute } from "@/app/api/connections/everyone/[connectionId]/ask-again/route";
import { POST as revokeRoute } from "@/app/api/connections/everyone/revoke/route";
import { GET as consoleRoute } from "@/app/api/connections/everyone/route";
import {
  type ConsolePage,
  type ConsoleRevokeResult,
  consoleCursor,
} from "@/lib/contracts/connections/connection-console";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const box = "v1.key.salt.nonce.box";
let usher: Installation;
let admin: Visitor;
let member: Visitor;
let other: Visitor;

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN", "Zoe Zebra");
  member = await usher.join("MEMBER", "Mia Member");
  other = await usher.join("MEMBER", "Olga Other");
  const { db } = usher.app;
  const http = { transport: "STREAMABLE_HTTP", url: "https://s.example/mcp" } as const;
  await db.mcpServer.createMany({
    data: [
      { ...http, id: "files", name: "Files", authentication: "OAUTH" },
      { ...http, id: "wiki", name: "Wiki 100%", authentication: "OAUTH" },
      {
        ...{ ...http, id: "notes", name: "Notes", authentication: "HEADERS" },
        ...{ headerSharing: "PER_USER", settings: { personalHeaders: "X-Api-Key" } },
      },
    ],
  });
  await db.user.createMany({
    data: Array.from({ length: 120 }, (_, n) => ({
      ...{ id: `person-${n}`, name: `Person ${100 + n}`, email: `p${100 + n}@team.example` },
    })),
  });
  const tokens = { accessTokenSealed: box, obtainedAt: new Date() };
  await db.storedTokenSet.createMany({
    data: [
      {
        ...{ ...tokens, id: "shared", serverId: "wiki", ownerKey: "shared" },
        ...{ accountName: "wiki-bot", authorizedById: admin.user.id },
      },
      ...[member.user.id, other.user.id].map((userId, n) => ({
        ...{ ...tokens, id: `files-${n}`, serverId: "files", ownerKey: userId, userId },
        accountName: ["mia@provider.example", "o_lga@provider.example"][n] ?? null,
      })),
      ...Array.from({ length: 120 }, (_, n) => ({
        ...{ ...tokens, id: `many-${n}`, serverId: "files" },
        ...{ ownerKey: `person-${n}`, userId: `person-${n}` },
      })),
    ],
  });
  await db.personalKey.create({
    data: {
      ...{ id: "key", serverId: "notes", userId: other.user.id, headerNames: ["X-Api-Key"] },
      ...{ valuesSealed: box, savedAt: new Date() },
    },
  });
});
afterAll(() => usher.close());

function ask(visitor: Visitor, query: Record<string, string> = {}): Promise<Response> {
  const search = new URLSearchParams(query);
  return visitor.visit(consoleRoute, { path: `/api/connections/everyone?${search}` });
}

async function page(query: Record<string, string> = {}): Promise<ConsolePage> {
  const answer = await ask(admin, query);
  expect(answer.status).toBe(200);
  return answer.json();
}

const idsOf = ({ connections }: ConsolePage) => connections.map(({ id }) => id).toSorted();

describe("the connections console", () => {
  it("shows each connection with its person, server, account and key, and no secret", async () => {
    const { connections, first } = await page({ search: "olga" });
    expect(first).toMatchObject({ found: 2, foundMore: false, person: null, server: null });
    expect(connections.find(({ id }) => id === "key")).toMatchObject({
      ...{ serverName: "Notes", isKey: true, accountName: null, lastUsedAt: null },
      person: { id: other.user.id, name: "Olga Other", disabled: false },
      standing: { status: "connected" },
    });
    const [shared] = (await page({ search: "bot" })).connections;
    expect(shared).toMatchObject({ id: "shared", person: null, authorizedBy: "Zoe Zebra" });
    expect(JSON.stringify(await page())).not.toContain("v1.");
  });

  it.each<[Record<string, string>, string[]]>([
    [{ search: "MIA@provider" }, ["files-0"]],
    [{ search: "olga files" }, ["files-1"]],
    // A wildcard in SQL.
    [{ search: "100%" }, ["shared"]],
    [{ search: "o_lga" }, ["files-1"]],
    [{ search: "o%a" }, []],
    [{ search: "p150@team" }, ["many-50"]],
    [{ search: "nobody" }, []],
    [{ server: "notes" }, ["key"]],
    [{ server: "files", search: "olga" }, ["files-1"]],
    [{ person: "person-7" }, ["many-7"]],
    [{ person: "person-7", server: "notes" }, []],
    [{ person: "nobody" }, []],
  ])("finds for %o exactly %o", async (query, expected) => {
    const found = await page(query);
    expect(idsOf(found)).toEqual(expected);
    expect(found.first?.found).toBe(expected.length);
  });

  it("names the person and the server that a URL asks for, even if they have nothing", async () => {
    const { first } = await page({ person: admin.user.id, server: "notes" });
    expect(first).toMatchObject({
      ...{ found: 0, server: { id: "notes", name: "Notes" } },
      person: { id: admin.user.id, name: "Zoe Zebra" },
    });
  });

  it("a page of 50 stays below 50 kB", async () => {
    const answer = await ask(admin, { sort: "person" });
    const text = await answer.text();
    expect(JSON.parse(text).connections).toHaveLength(50);
    expect(text.length).toBeLessThan(50_000);
  });

  it("a page ends where the next begins, even if its last row has been deleted by then", async () => {
    const before = await page({ sort: "person", server: "files" });
    const last = before.connections.at(-1)?.id ?? "";
    const removed = await usher.app.db.storedTokenSet.delete({ where: { id: last } });
    const after = await page({ sort: "person", server: "files", after: before.next ?? "" });
    await usher.app.db.storedTokenSet.create({ data: removed });
    expect(after.connections).toHaveLength(50);
    expect(idsOf(before).filter((id) => idsOf(after).includes(id))).toEqual([]);
    expect(after.first).toBeNull();
  });

  it.each([
    "x",
    "../../etc",
    btoa("[]"),
    btoa('["newest","2026-01-01T00:00:00.000Z"]'),
    btoa('["newest","yesterday","id"]'),
    btoa('["newest",{"$gt":""},"id"]'),
    btoa(`["newest","2026-01-01T00:00:00.000Z' OR true --","id"]`),
    btoa('["newest","2026-01-01T00:00:00.000Z","\\u0000"]'),
    btoa('["newest","2026-01-01T00:00:00.000Z","\\ud800"]'),
    btoa('["used","2026-01-01T00:00:00.000Z","id"]'),
    "A".repeat(6_001),
  ])("rejects %j as a page", async (after) => {
    const answer = await ask(admin, { after });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.fields).toHaveProperty("after");
  });

  it("a handwritten cursor leads to no row that its filters exclude", async () => {
    const start = consoleCursor("server", ["", "' OR true --", "", ""]);
    const found = await page({ sort: "server", server: "notes", after: start });
    expect(idsOf(found)).toEqual(["key"]);
  });
});

describe("a member", () => {
  it("gets no row, count or name of anyone, however they ask", async () => {
    const { next } = await page({ sort: "person" });
    const asked = [
      {},
      { search: "olga" },
      { person: other.user.id },
      { person: member.user.id },
      { server: "notes" },
      { show: "disabled" },
      { sort: "used" },
      { sort: "person", after: next ?? "" },
      { after: "x" },
    ];
    for (const query of asked) {
      const answer = await ask(member, query as Record<string, string>);
      expect(answer.status, JSON.stringify(query)).toBe(403);
      const text = await answer.text();
      expect(text).not.toMatch(/Olga|Person|Notes|found|"connections"/);
    }
  });

  it("can neither revoke a connection here, not even their own, nor ask anyone", async () => {
    const json = { connectionIds: ["files-0", "files-1", "shared", "key"] };
    const path = "/api/connections/everyone/revoke";
    expect((await member.visit(revokeRoute, { path, json })).status).toBe(403);
    const params = { connectionId: "files-1" };
    const asking = { path: "/api/connections/everyone/files-1/ask-again", params, json: {} };
    expect((await member.visit(askRoute, asking)).status).toBe(403);
    expect(idsOf(await page({ person: other.user.id }))).toEqual(["files-1", "key"]);
    const audit = { action: { in: ["connection.revoke", "connection.ask-again"] } };
    expect(await usher.app.db.auditEvent.count({ where: audit })).toBe(0);
  });
});

it("an auditor sees everyone's connections, and can neither revoke nor ask", async () => {
  const auditor = await usher.join("AUDITOR", "Abe Auditor");
  expect((await ask(auditor)).status).toBe(200);
  const path = "/api/connections/everyone/revoke";
  const json = { connectionIds: ["key"] };
  expect((await auditor.visit(revokeRoute, { path, json })).status).toBe(403);
  const asking = {
    path: "/api/connections/everyone/key/ask-again",
    params: { connectionId: "key" },
  };
  expect((await auditor.visit(askRoute, { ...asking, json: {} })).status).toBe(403);
  expect(idsOf(await page({ search: "notes" }))).toEqual(["key"]);
});

describe("asking a person to authorize again", () => {
  async function link(connectionId: string): Promise<Response> {
    const path = `/api/connections/everyone/${connectionId}/ask-again`;
    return admin.visit(askRoute, { path, params: { connectionId }, json: {} });
  }

  it("gives a link to the person's own page, and is recorded in the audit", async () => {
    const answer = await link("files-1");
    expect(await answer.json()).toEqual({ link: `${publicUrl}/connections?server=files` });
    const event = await usher.app.db.auditEvent.findFirst({
      where: { action: "connection.ask-again" },
    });
    expect(event).toMatchObject({
      ...{ actorId: admin.user.id, serverId: "files", serverName: "Files" },
      ...{ ownerKey: other.user.id, details: { person: other.user.email } },
    });
  });

  it("for a shared account leads to the server's page", async () => {
    expect(await (await link("shared")).json()).toEqual({ link: `${publicUrl}/mcp-servers/wiki` });
  });

  it("is refused for a disabled person, and for anything that is gone", async () => {
    const where = { id: "person-3" };
    await usher.app.db.user.update({ where, data: { disabledAt: new Date() } });
    const refused = await link("many-3");
    expect(refused.status).toBe(409);
    expect((await refused.json()).error.message).toContain("Person 103 is disabled");
    expect((await link("gone")).status).toBe(404);
  });
});

describe("revoking anyone's connections", () => {
  function revoke(connectionIds: string[]): Promise<Response> {
    const path = "/api/connections/everyone/revoke";
    return admin.visit(revokeRoute, { path, json: { connectionIds } });
  }

  it("reports the outcome of each, and each is recorded in the audit", async () => {
    const answer = await revoke(["files-1", "key", "shared", "gone", "key"]);
    const { results }: ConsoleRevokeResult = await answer.json();
    expect(results).toMatchObject([
      { connectionId: "files-1", revoked: { deleted: 1 }, problem: null },
      { connectionId: "key", revoked: { deleted: 1, provider: "keys_deleted" }, problem: null },
      { connectionId: "shared", revoked: { deleted: 1 }, problem: null },
      { connectionId: "gone", revoked: null, problem: "It was disconnected already." },
    ]);
    expect((await page({ person: other.user.id })).first?.found).toBe(0);
    expect(idsOf(await page({ person: member.user.id }))).toEqual(["files-0"]);
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: "connection.revoke" },
      orderBy: { serverName: "asc" },
    });
    expect(events.map(({ serverId, ownerKey }) => [serverId, ownerKey])).toEqual([
      ["files", other.user.id],
      ["notes", other.user.id],
      ["wiki", "shared"],
    ]);
  });

  it("accepts at most 20 at once, and no empty list", async () => {
    const many = await revoke(Array.from({ length: 21 }, (_, n) => `many-${n}`));
    expect(many.status).toBe(400);
    expect((await many.json()).error.fields.connectionIds).toContain("20 connections at once");
    expect((await revoke([])).status).toBe(400);
    expect((await page({ server: "files" })).first?.found).toBe(121);
  });
});
