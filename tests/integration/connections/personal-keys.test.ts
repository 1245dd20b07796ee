import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PUT as saveKeyRoute } from "@/app/api/connections/[serverId]/key/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { PUT as editRoute, GET as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as bundleRoute } from "@/app/api/mcp-servers/[serverId]/support-bundle/route";
import { POST as addRoute } from "@/app/api/mcp-servers/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import { callTool } from "@/lib/calls/call-tool";
import { describeAccount } from "@/lib/calls/target";
import type { ServerConnection } from "@/lib/contracts/connections/connection";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { AuthorizationRequiredError, ConflictError, SealedBoxError } from "@/lib/errors";
import { openPersonalKey } from "@/lib/tokens/personal-key";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type KeyMcpServer, startKeyMcpServer } from "@/tests/support/key-mcp-server";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const adasKey = "key-of-ada-3f9c1b7e52";
const bobsKey = "key-of-bob-8d2e6a90c4";

let usher: Installation;
let admin: Visitor;
let ada: Visitor;
let bob: Visitor;
let server: KeyMcpServer;
let serverId: string;

const input = (change: Partial<McpServerInput> = {}): McpServerInput =>
  serverInput({
    name: "Notes",
    url: server.url,
    authentication: "HEADERS",
    headerSharing: "PER_USER",
    ...change,
    settings: {
      personalHeaders: "Authorization: Bearer",
      keyInstructions: "Create a key under Settings, API keys.",
      keyUrl: "https://notes.example.com/settings/keys",
      ...change.settings,
    },
  });

beforeEach(async () => {
  usher = await startInstallation();
  [admin, ada, bob] = [
    await usher.join("ADMIN"),
    await usher.join("MEMBER", "Ada Member"),
    await usher.join("MEMBER", "Bob Member"),
  ];
  server = await startKeyMcpServer({ [adasKey]: "Ada", [bobsKey]: "Bob" });
  serverId = await add(input());
});
afterEach(async () => {
  await usher.close();
  await server.close();
});

async function add(json: McpServerInput): Promise<string> {
  const response = await admin.visit(addRoute, { path: "/api/mcp-servers", json });
  expect(response.status).toBe(201);
  return ((await response.json()) as McpServerDetail).id;
}

async function edit(change: Partial<McpServerInput>): Promise<Response> {
  const { version } = await detail();
  const path = `/api/mcp-servers/${serverId}`;
  const json = { ...input(change), version };
  return admin.visit(editRoute, { path, method: "PUT", params: { serverId }, json });
}

async function detail(): Promise<McpServerDetail> {
  const path = `/api/mcp-servers/${serverId}`;
  return (await admin.visit(serverRoute, { path, params: { serverId } })).json();
}

async function connectionOf(visitor: Visitor): Promise<ServerConnection> {
  const path = `/api/connections/${serverId}`;
  return (await visitor.visit(connectionRoute, { path, params: { serverId } })).json();
}

async function save(
  visitor: Visitor,
  values: Record<string, string>,
  more: { serverVersion?: number; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { connection } = await connectionOf(visitor);
  const serverVersion = more.serverVersion ?? connection.personalKey?.serverVersion ?? 0;
  return visitor.visit(saveKeyRoute, {
    path: `/api/connections/${serverId}/key`,
    method: "PUT",
    params: { serverId },
    json: { serverVersion, values },
    headers: more.headers ?? {},
  });
}

async function give(visitor: Visitor, key: string): Promise<void> {
  expect((await save(visitor, { Authorization: key })).status).toBe(200);
  await usher.settle();
}

async function call({ user }: Visitor, toolName = "list_notes") {
  const { signal } = new AbortController();
  const result = await callTool(usher.app, { serverId, toolName, input: {}, user, signal });
  const [first] = result.content;
  return first?.type === "text" ? first.text : null;
}

async function refusal(calling: Promise<unknown>): Promise<string> {
  const error = await calling.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AuthorizationRequiredError);
  return (error as AuthorizationRequiredError).userMessage;
}

const fieldsOf = async (response: Response) =>
  ((await response.json()) as { error: { fields?: object } }).error.fields;

describe("a server that asks each person for a key", () => {
  it("is called with the caller's key, and only with that", async () => {
    expect(await refusal(call(ada))).toBe("You have not entered your key yet.");
    expect(server.heard).toHaveLength(0);
    await give(ada, adasKey);
    await give(bob, bobsKey);
    expect(await Promise.all([call(ada), call(bob), call(ada)])).toEqual([
      ...["The notes of Ada.", "The notes of Bob.", "The notes of Ada."],
    ]);
    expect(await refusal(call(admin))).toBe("You have not entered your key yet.");
    const account = await describeAccount(usher.app, serverId, ada.user);
    expect(account).toMatchObject({ actingAs: "Your own key", connected: true });
  });

  it("asks again after a 401, and accepts the next key", async () => {
    await give(ada, "not a key of the server");
    expect(await refusal(call(ada))).toBe("Notes refuses your key (401). Enter a new one.");
    const { connection } = await connectionOf(ada);
    expect(connection.standing).toMatchObject({
      status: "needs_authorization",
      reason: "Notes refuses your key (401). Enter a new one.",
    });
    // It is not sent again and again.
    const heard = server.heard.length;
    await refusal(call(ada));
    expect(server.heard.length).toBe(heard);
    await give(ada, adasKey);
    expect(await call(ada)).toBe("The notes of Ada.");
    expect((await connectionOf(ada)).connection.standing.status).toBe("connected");
  });

  it("notices over an open connection that a working key has stopped working", async () => {
    await give(ada, adasKey);
    await call(ada);
    server.keys.delete(adasKey);
    await refusal(call(ada));
    // The same key, entered again, is checked again rather than assumed good.
    await give(ada, adasKey);
    await refusal(call(ada));
    expect((await connectionOf(ada)).connection.standing.status).toBe("needs_authorization");
  });

  it("asks only for new headers, and sends no header that it no longer names", async () => {
    await give(ada, adasKey);
    await edit({ settings: { personalHeaders: "Authorization: Bearer\nX-Team" } });
    expect(await refusal(call(ada))).toBe("Notes now needs X-Team as well.");
    const { connection } = await connectionOf(ada);
    expect(connection.standing.status).toBe("needs_authorization");
    expect(connection.personalKey?.headers).toEqual([
      { name: "Authorization", scheme: "Bearer", given: true },
      { name: "X-Team", scheme: null, given: false },
    ]);
    expect((await save(ada, { "X-Team": "support" })).status).toBe(200);
    expect(await call(ada)).toBe("The notes of Ada.");
    expect(server.heard.at(-1)?.get("x-team")).toBe("support");
    await edit({ settings: { personalHeaders: "Authorization: Bearer" } });
    expect(await call(ada)).toBe("The notes of Ada.");
    expect(server.heard.at(-1)?.get("x-team")).toBeNull();
  });

  it("says who has entered a key, and never which", async () => {
    await give(ada, adasKey);
    await give(bob, "wrong");
    await refusal(call(bob));
    const { accountOwners, people } = await detail();
    expect(accountOwners).toMatchObject([
      { name: "Bob Member", status: "needs_authorization" },
      { name: "Ada Member", status: "connected" },
    ]);
    expect(people).toEqual({ connected: 1, retrying: 0, needAuthorization: 1 });
  });

  it("is recorded in the audit and in the flows, by names only", async () => {
    await give(ada, adasKey);
    server.keys.delete(adasKey);
    await refusal(call(ada));
    await usher.settle();
    const events = await usher.app.db.auditEvent.findMany({ orderBy: { at: "asc" } });
    expect(events).toMatchObject([
      { action: "server.create", details: { headerSharing: "PER_USER" } },
      { action: "connection.enter-key", details: { headers: ["Authorization"] } },
      { action: "tool.call", details: { outcome: "authorization_required" } },
    ]);
    const path = `/api/mcp-servers/${serverId}/flows`;
    const { flows } = await (await admin.visit(flowsRoute, { path, params: { serverId } })).json();
    expect(flows).toMatchObject([
      { kind: "PERSONAL_KEY", outcome: "failed", steps: [{ kind: "key_refused" }] },
      { kind: "PERSONAL_KEY", outcome: "succeeded", owner: "Ada Member" },
    ]);
  });

  it("is left alone by the sweep", async () => {
    await give(ada, adasKey);
    const heard = server.heard.length;
    const run = await runRefreshSweep(usher.app, {
      ...{ trigger: "manual", claimForMs: 1000, concurrency: 4 },
    });
    expect(run).toEqual({ refreshed: 0, failed: 0, deferred: 0, remaining: 0 });
    expect(server.heard.length).toBe(heard);
  });
});

describe("a key", () => {
  it("is sealed, and is in no answer of any route", async () => {
    await give(ada, adasKey);
    await call(ada, "whoami");
    await usher.settle();
    const rows = await usher.app.db.personalKey.findMany();
    expect(rows[0]?.valuesSealed).toMatch(/^v1\./);
    const bundlePath = `/api/mcp-servers/${serverId}/support-bundle`;
    const answers = await Promise.all([
      ada.visit(connectionRoute, { path: `/api/connections/${serverId}`, params: { serverId } }),
      ada.visit(connectionsRoute, { path: "/api/connections" }),
      admin.visit(serverRoute, { path: `/api/mcp-servers/${serverId}`, params: { serverId } }),
      admin.visit(bundleRoute, { path: bundlePath, params: { serverId } }),
      admin.visit(flowsRoute, { path: `/api/mcp-servers/${serverId}/flows`, params: { serverId } }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain(adasKey);
    }
    const tables = await usher.app.db.$queryRaw<{ text: string }[]>`
      SELECT to_jsonb(k)::text AS "text" FROM "PersonalKey" k
      UNION ALL SELECT to_jsonb(a)::text FROM "AuditEvent" a
      UNION ALL SELECT to_jsonb(f)::text FROM "FlowRecord" f`;
    expect(tables.map(({ text }) => text).join()).not.toContain(adasKey);
  });

  it("of another person is never used, not even from a copy of the row", async () => {
    await give(ada, adasKey);
    const { id: _, ...mine } = await usher.app.db.personalKey.findFirstOrThrow();
    await usher.app.db.personalKey.create({ data: { ...mine, userId: bob.user.id } });
    const heard = server.heard.length;
    await expect(call(bob)).rejects.toThrow(SealedBoxError);
    expect(server.heard.length).toBe(heard);
    // Nor does it work for another server.
    const other = await add(input({ name: "Other notes" }));
    await usher.app.db.personalKey.updateMany({
      where: { userId: ada.user.id },
      data: { serverId: other },
    });
    const row = await usher.app.db.personalKey.findFirstOrThrow({ where: { serverId: other } });
    expect(() => openPersonalKey(usher.app.keyring, row)).toThrow(SealedBoxError);
  });

  it("is not accepted from a page of another origin, nor for another person", async () => {
    const foreign = { origin: "https://evil.example" };
    expect((await save(ada, { Authorization: adasKey }, { headers: foreign })).status).toBe(403);
    const others = { "x-usher-person": bob.user.id };
    expect((await save(ada, { Authorization: adasKey }, { headers: others })).status).toBe(409);
    expect(await usher.app.db.personalKey.count()).toBe(0);
  });

  it("goes only where it was entered for", async () => {
    const elsewhere = await startKeyMcpServer({});
    try {
      const { connection } = await connectionOf(ada);
      const seen = connection.personalKey?.serverVersion ?? 0;
      expect(connection.personalKey?.sentTo).toBe(new URL(server.url).origin);
      await edit({ url: elsewhere.url });
      // From a page that still shows the old URL.
      const late = await save(ada, { Authorization: adasKey }, { serverVersion: seen });
      expect(late.status).toBe(409);
      await edit({ url: server.url });
      await give(ada, adasKey);
      await edit({ url: elsewhere.url });
      expect(await usher.app.db.personalKey.count()).toBe(0);
      await refusal(call(ada));
      expect(elsewhere.heard.some((headers) => headers.has("authorization"))).toBe(false);
    } finally {
      await elsewhere.close();
    }
  });

  it("does not follow a server that moved on another replica meanwhile", async () => {
    await give(ada, adasKey);
    await call(ada);
    const heard = server.heard.length;
    // This process has cached an older state of the server than what is stored.
    await usher.app.db.mcpServer.update({
      where: { id: serverId },
      data: { version: { increment: 1 } },
    });
    await expect(call(ada)).rejects.toThrow(ConflictError);
    expect(server.heard.length).toBe(heard);
  });

  it.each([
    ["the way of sharing", { headerSharing: "SHARED", headers: "X-Api-Key: one-for-all" }],
    ["the authentication", { authentication: "NONE" }],
  ] as const)("is deleted with a change of %s", async (_, change) => {
    await give(ada, adasKey);
    expect((await edit(change)).status).toBe(200);
    expect(await usher.app.db.personalKey.count()).toBe(0);
  });

  it("is deleted when its owner asks for it, and no one else's with it", async () => {
    await give(ada, adasKey);
    await give(bob, bobsKey);
    const revoke = (visitor: Visitor, what: "mine" | "server") =>
      visitor.visit(revokeRoute, {
        path: `/oauth/revoke/${serverId}`,
        params: { serverId },
        json: { what },
      });
    expect(await (await revoke(ada, "mine")).json()).toMatchObject({
      deleted: 1,
      provider: "keys_deleted",
    });
    await refusal(call(ada));
    expect(await call(bob)).toBe("The notes of Bob.");
    expect((await revoke(bob, "server")).status).toBe(403);
    expect(await (await revoke(admin, "server")).json()).toMatchObject({ deleted: 1 });
    await refusal(call(bob));
  });

  it.each([
    ["nothing", { Authorization: "  " }, "values.Authorization"],
    ["a line break", { Authorization: "a key\r\nX-Admin: 1" }, "values.Authorization"],
    [
      "characters that no header may contain",
      { Authorization: "schlüssel" },
      "values.Authorization",
    ],
    ["another header", { Authorization: adasKey, Host: "evil.example" }, "values.Host"],
  ])("with %s is refused and names its field, and nothing is stored", async (_, values, field) => {
    const response = await save(ada, values);
    expect(response.status).toBe(400);
    expect(Object.keys((await fieldsOf(response)) ?? {})).toEqual([field]);
    expect(await usher.app.db.personalKey.count()).toBe(0);
  });

  it("may be pasted with its prefix word", async () => {
    await give(ada, `Bearer ${adasKey}`);
    expect(await call(ada)).toBe("The notes of Ada.");
  });
});

describe("a server's form", () => {
  it.each([
    ["no header", { settings: { personalHeaders: "" } }, "settings.personalHeaders"],
    ["Host", { settings: { personalHeaders: "Host" } }, "settings.personalHeaders"],
    [
      "a key in place of the prefix word",
      { settings: { personalHeaders: "Authorization: Bearer sk-123" } },
      "settings.personalHeaders",
    ],
    ["a link without TLS", { settings: { keyUrl: "http://example.com" } }, "settings.keyUrl"],
    ["a link that runs code", { settings: { keyUrl: "javascript:alert(1)" } }, "settings.keyUrl"],
    ["values as well", { headers: "X-Api-Key: secret" }, "headers"],
  ] as const)("is refused with %s", async (_, change, field) => {
    const response = await edit(change as Partial<McpServerInput>);
    expect(response.status).toBe(400);
    expect(Object.keys((await fieldsOf(response)) ?? {})).toEqual([field]);
  });

  it("keeps the sharing of a server if an edit does not mention it", async () => {
    await give(ada, adasKey);
    const { headerSharing: _, settings: __, ...rest } = input({ description: "Notes of people" });
    const { version } = await detail();
    const path = `/api/mcp-servers/${serverId}`;
    const json = { ...rest, version };
    await admin.visit(editRoute, { path, method: "PUT", params: { serverId }, json });
    expect(await call(ada)).toBe("The notes of Ada.");
  });
});
