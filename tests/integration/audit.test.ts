import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as exportRoute } from "@/app/api/audit/export/route";
import { GET as auditRoute } from "@/app/api/audit/route";
import { POST as acceptRoute } from "@/app/api/invitations/accept/route";
import { DELETE as deleteRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import { createAssistant } from "@/lib/assistants/assistant";
import { callTool } from "@/lib/calls/call-tool";
import type { AuditEventView, AuditPage } from "@/lib/contracts/audit";
import { createServer } from "@/lib/servers/save";
import { signInWithPassword } from "@/lib/session/sign-in";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

function ask(query: Record<string, string>): Promise<Response> {
  return admin.visit(auditRoute, { path: `/api/audit?${new URLSearchParams(query)}` });
}

async function list(query: Record<string, string> = {}): Promise<AuditPage> {
  return (await ask(query)).json();
}

async function download(query: Record<string, string>): Promise<Response> {
  return admin.visit(exportRoute, { path: `/api/audit/export?${new URLSearchParams(query)}` });
}

async function add(events: Partial<AuditEventView>[]): Promise<void> {
  await usher.app.db.auditEvent.createMany({
    data: events.map((event) => ({ action: "server.change", ...event, details: {} })),
  });
}

describe("the audit", () => {
  it("records who did what to which server, when and from where", async () => {
    await admin.visit(createRoute, {
      path: "/api/mcp-servers",
      json: serverInput({ name: "Handbook", url: "https://mcp.example.com/mcp" }),
      headers: { "x-forwarded-for": "192.0.2.7" },
    });
    const { events, next } = await list();
    expect(events).toEqual([
      expect.objectContaining({
        action: "server.create",
        actorId: admin.user.id,
        actorEmail: admin.user.email,
        serverName: "Handbook",
        ipAddress: "192.0.2.7",
      }),
    ]);
    expect(next).toBeNull();
  });

  it("is paged without gaps or repetitions, even if many events share a moment and more arrive", async () => {
    const at = "2026-03-01T10:00:00.000Z";
    await add(Array.from({ length: 130 }, (_, index) => ({ at, serverName: `Server ${index}` })));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page: AuditPage = await list(after ? { after } : {});
      seen.push(...page.events.map(({ id }) => id));
      after = page.next ?? undefined;
      await add([{ serverName: "Newer" }]);
    } while (after);
    expect(seen).toHaveLength(130);
    expect(new Set(seen).size).toBe(130);
  });

  it("is filtered by server, person, action and time, all combined", async () => {
    const events = [
      { action: "server.create", serverName: "Wiki", actorEmail: "ada@example.com" },
      { action: "server.change", serverName: "Wiki", actorEmail: "bob@example.com" },
      { action: "server.change", serverName: "Mail", actorEmail: "ada@example.com" },
      { action: "serverless", serverName: "Wiki", actorEmail: "ada@example.com" },
    ];
    await add(events.map((event, index) => ({ ...event, at: `2026-03-0${index + 1}T00:00:00Z` })));
    const count = async (query: Record<string, string>) => (await list(query)).events.length;
    expect(await count({ server: "wIk" })).toBe(3);
    expect(await count({ person: "ada@" })).toBe(3);
    expect(await count({ action: "server" })).toBe(3);
    expect(await count({ action: "server.change" })).toBe(2);
    expect(await count({ from: "2026-03-02T00:00:00Z", to: "2026-03-04T00:00:00Z" })).toBe(2);
    expect(await count({ server: "Wiki", person: "ada", action: "server" })).toBe(1);
    expect(await count({ server: "", person: "nobody" })).toBe(0);
  });

  it("shows and finds events that were recorded under a former name by the current one", async () => {
    const actions = ["second-step.enable", "two-factor.disable", "second-stepping"];
    await add(actions.map((action, index) => ({ action, at: `2026-03-0${3 - index}T00:00:00Z` })));
    const found = async (action: string) =>
      (await list({ action })).events.map((event) => event.action);
    expect(await found("two-factor")).toEqual(["two-factor.enable", "two-factor.disable"]);
    expect(await found("two-factor.enable")).toEqual(["two-factor.enable"]);
    expect(await found("second-step")).toEqual(["two-factor.enable", "two-factor.disable"]);
    expect(await found("second-stepping")).toEqual(["second-stepping"]);
    const lines = (await (await download({ format: "jsonl", action: "two-factor" })).text()).split(
      "\n",
    );
    expect(JSON.parse(lines[0] ?? "").action).toBe("two-factor.enable");
  });

  it.each<Record<string, string>>([
    { from: "yesterday" },
    { after: "'; DROP TABLE x" },
    { person: "x".repeat(300) },
  ])("says what is wrong with %j", async (query) => {
    const response = await ask(query);
    expect(response.status).toBe(400);
    expect(Object.keys((await response.json()).error.fields)).toEqual(Object.keys(query));
  });
});

describe("its export", () => {
  it("contains every matching event, beyond one page, as JSON lines", async () => {
    await add(Array.from({ length: 1203 }, () => ({ serverName: "Wiki" })));
    await add([{ serverName: "Mail" }]);
    const response = await download({ format: "jsonl", server: "Wiki" });
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="usher-audit-\d{4}-\d\d-\d\d\.jsonl"$/,
    );
    const lines = (await response.text()).trimEnd().split("\n");
    const ids = lines.map((line) => (JSON.parse(line) as AuditEventView).id);
    expect(new Set(ids).size).toBe(1203);
  });

  it("is itself in the audit", async () => {
    await (await download({ format: "csv" })).text();
    expect((await list()).events[0]).toMatchObject({
      action: "audit.export",
      actorEmail: admin.user.email,
    });
  });

  it.each(["=cmd|'/c calc'!a1", "+1", "-2+3", "@sum(1)", "\t=1+1", "\r=1", " =1", "＝1"])(
    "turns %j, typed by a stranger at sign-in, into plain text",
    async (email) => {
      await add([{ action: "sign-in.refused", actorEmail: email }]);
      const cells = (await (await download({ format: "csv" })).text()).split('"');
      expect(cells).toContain(`'${email}`);
      expect(cells).not.toContain(email);
    },
  );

  it("keeps quotes, commas and line breaks in their cell", async () => {
    await add([{ serverName: 'A "quoted", name\nof two lines' }]);
    const csv = await (await download({ format: "csv", server: "quoted" })).text();
    expect(csv).toContain('"A ""quoted"", name\nof two lines"');
  });

  it("refuses other formats", async () => {
    expect((await download({ format: "xlsx" })).status).toBe(400);
  });
});

describe("an event caused by a request", () => {
  it("records where the request came from, whatever it was", async () => {
    const headers = { "x-forwarded-for": "203.0.113.9, 192.0.2.7" };
    const mia = await usher.join("MEMBER");
    const serverId: string = await (
      await admin.visit(createRoute, {
        path: "/api/mcp-servers",
        json: serverInput({ name: "Wiki", url: "https://mcp.example.com/mcp" }),
        headers,
      })
    )
      .json()
      .then(({ id }) => id);
    const invited = await admin.visit(inviteRoute, {
      path: "/api/people/invitations",
      json: { email: "new@example.com", role: "MEMBER" },
      headers,
    });
    const token = (await invited.json()).link.split("/").at(-1);
    await admin.visit(acceptRoute, {
      path: "/api/invitations/accept",
      json: { token, name: "New", password: "a long enough password" },
      headers,
    });
    await admin.visit(personRoute, {
      path: `/api/people/${mia.user.id}`,
      method: "PATCH",
      params: { userId: mia.user.id },
      json: { disabled: true },
      headers,
    });
    await admin.visit(revokeRoute, {
      path: `/oauth/revoke/${serverId}`,
      params: { serverId },
      json: { what: "server" },
      headers,
    });
    await admin.visit(deleteRoute, {
      path: `/api/mcp-servers/${serverId}`,
      method: "DELETE",
      params: { serverId },
      headers,
    });
    const { events } = await list();
    expect(events.map(({ action }) => action).sort()).toEqual([
      ...["connection.revoke-server", "connection.revoke-server", "person.change"],
      ...["person.invite", "person.join", "server.create", "server.delete"],
    ]);
    for (const { action, ipAddress } of events)
      expect([action, ipAddress]).toEqual([action, "192.0.2.7"]);
  });
});

describe("tool calls", () => {
  const call = { toolName: "read_file", input: { path: "canary-argument" } };
  const { signal } = new AbortController();
  const person = () => ({ id: admin.user.id, email: admin.user.email, ipAddress: "192.0.2.7" });

  it("are recorded with who, what, which account and the outcome, and without arguments", async () => {
    const serverId = await createServer(
      usher.app,
      serverInput({ name: "Gone", url: "http://127.0.0.1:9/mcp" }),
    );
    const { id: assistantId } = await createAssistant(
      { ...usher.app, modelProblem: () => null },
      {
        ...{ name: "Guide", description: "", instructions: "", model: "" },
        servers: [{ serverId, allTools: true, toolNames: [] }],
      },
    );
    const where = { assistantId, conversationId: "conversation-1" };
    await callTool(usher.app, { ...call, ...where, serverId, user: person(), signal }).catch(
      () => {},
    );
    await usher.settle();
    const { events } = await list({ action: "tool", server: "gone", person: admin.user.email });
    expect(events).toEqual([
      expect.objectContaining({
        action: "tool.call",
        actorId: admin.user.id,
        actorEmail: admin.user.email,
        serverId,
        serverName: "Gone",
        ownerKey: null,
        ipAddress: "192.0.2.7",
        details: expect.objectContaining({
          tool: "read_file",
          outcome: "unreachable",
          actingAs: null,
          ...where,
        }),
      }),
    ]);
    expect(JSON.stringify(events)).not.toContain("canary");
    expect(await (await download({ format: "csv", action: "tool" })).text()).toContain("read_file");
  });

  it("name the server of a call that a person without access requested", async () => {
    const serverId = await createServer(
      usher.app,
      serverInput({ name: "Closed", url: "http://127.0.0.1:9/mcp" }),
    );
    await usher.app.db.mcpServer.update({ where: { id: serverId }, data: { access: "CHOSEN" } });
    const { user } = await usher.join("MEMBER");
    await expect(callTool(usher.app, { ...call, serverId, user, signal })).rejects.toThrow(
      /no longer have access/,
    );
    await usher.settle();
    const { events } = await list({ action: "tool", server: "closed" });
    expect(events).toMatchObject([
      { serverName: "Closed", details: { tool: "read_file", outcome: "not_found" } },
    ]);
  });

  it("name the account as its provider does, otherwise who authorized it", async () => {
    const tokenSet = {
      ...{ accessTokenSealed: "v1.a.b.c.d", obtainedAt: new Date(), authorizedById: admin.user.id },
    };
    const add = async (accountName: string | null, ownerKey: string) => {
      const serverId = await createServer(
        usher.app,
        serverInput({
          name: `Server ${ownerKey} ${accountName}`,
          url: "https://mcp.example.com/mcp",
        }),
      );
      const userId = ownerKey === "shared" ? null : ownerKey;
      await usher.app.db.storedTokenSet.create({
        data: { ...tokenSet, serverId, ownerKey, userId, accountName },
      });
      usher.app.toolCalls.add({
        ...{ actorId: "p", actorEmail: null, ipAddress: null, serverName: null, durationMs: 1 },
        ...{ serverId, ownerKey, toolName: "t", assistantId: null, conversationId: null },
        ...{ outcome: "answered", health: null },
      });
      await usher.settle();
      return (await list({ server: serverId, action: "tool" })).events[0]?.details.actingAs;
    };
    expect(await add("ada@example.com", "shared")).toBe("ada@example.com");
    expect(await add(null, "shared")).toBe("shared account authorized by Ann Admin");
    expect(await add(null, admin.user.id)).toBe("their own account");
  });

  it("are written once the database is back, each once", async () => {
    const add = (toolName: string) =>
      usher.app.toolCalls.add({
        ...{ actorId: "p", actorEmail: null, ipAddress: null, serverName: null, durationMs: 1 },
        ...{ serverId: "s", ownerKey: null, assistantId: null, conversationId: null },
        ...{ toolName, outcome: "answered", health: null },
      });
    await usher.app.db.$executeRaw`ALTER TABLE "AuditEvent" RENAME TO "Elsewhere"`;
    add("one");
    await usher.settle();
    await usher.app.db.$executeRaw`ALTER TABLE "Elsewhere" RENAME TO "AuditEvent"`;
    add("two");
    await expect.poll(() => usher.app.toolCalls.isEmpty(), { timeout: 10_000 }).toBe(true);
    const { events } = await list({ action: "tool.call" });
    expect(events.map(({ details }) => details.tool).sort()).toEqual(["one", "two"]);
  });
});

describe("what a stranger leaves in the audit", () => {
  it("is truncated, and contains nothing of the password", async () => {
    const email = `${"x".repeat(400)}@example.com`;
    const attempt = { email, password: "canary password", ipAddress: "192.0.2.1" };
    await signInWithPassword(usher.app, attempt);
    const { events } = await list();
    expect(events[0]?.actorEmail?.length).toBe(254);
    expect(JSON.stringify(events)).not.toContain("canary");
  });
});
