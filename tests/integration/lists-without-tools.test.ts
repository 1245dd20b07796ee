import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as assistantRoute } from "@/app/api/assistants/[assistantId]/route";
import { GET as assistantServerRoute } from "@/app/api/assistants/[assistantId]/servers/[serverId]/route";
import { GET as formContextRoute } from "@/app/api/assistants/form-context/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { GET as chatAssistantsRoute } from "@/app/api/chat/assistants/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as toolsRoute } from "@/app/api/mcp-servers/[serverId]/tools/route";
import { GET as serversRoute } from "@/app/api/mcp-servers/route";
import { installApp } from "@/lib/app/current";
import { fingerprint } from "@/lib/assistants/accepted-tools";
import { changeAssistant, createAssistant } from "@/lib/assistants/assistant";
import { acceptServerTools } from "@/lib/assistants/tool-reviews";
import type { AssistantDetail, AssistantFormContext } from "@/lib/contracts/assistant";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";
import { createDatabase } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { saveCatalogue } from "@/lib/db/tool-catalogue";
import { createServer, updateServer } from "@/lib/servers/save";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
let serverId: string;
let assistantId: string;

const modelProblem = () => null;

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());

function tool(name: string, readOnly: boolean, description = `What ${name} does.`) {
  const inputSchema = { type: "object", properties: {} };
  return { name, title: null, description, inputSchema, annotations: { readOnlyHint: readOnly } };
}

async function list(...tools: ReturnType<typeof tool>[]): Promise<void> {
  const read = { tools, leftOut: [], serverInfo: null, discovery: null, ttlMs: null };
  await saveCatalogue(usher.app.db, serverId, { ...read, serverVersion: 1 }, usher.app.now());
}

function input(policies: Record<string, "ASK" | "ALWAYS" | "NEVER"> = {}) {
  return {
    ...{ name: "Guide", description: "", instructions: "", model: "" },
    servers: [{ serverId, allTools: true, toolNames: [], toolPolicies: policies }],
  };
}

async function furnish(): Promise<void> {
  const name = `Notes ${randomUUID()}`;
  serverId = await createServer(usher.app, serverInput({ name, url: "http://127.0.0.1:9/mcp" }));
  await list(tool("list_notes", true), tool("delete_note", false), tool("search_notes", true));
  await usher.app.db.assistant.deleteMany();
  ({ id: assistantId } = await createAssistant({ ...usher.app, modelProblem }, input()));
}

async function examples(): Promise<string[]> {
  const response = await admin.visit(chatAssistantsRoute, { path: "/api/chat/assistants" });
  const { assistants } = (await response.json()) as { assistants: ChatAssistant[] };
  return assistants.flatMap((each) => each.examples);
}

describe("an assistant's examples", () => {
  it("are computed once, and stored for the next person who lists the assistants", async () => {
    await furnish();
    const [first, second] = await Promise.all([examples(), examples()]);
    expect(first).toHaveLength(3);
    expect(second).toEqual(first);
    const row = await usher.app.db.assistant.findUniqueOrThrow({ where: { id: assistantId } });
    expect(row.examples).toEqual(first);
    expect(await examples()).toEqual(first);
  });

  it("follow the server's list of tools", async () => {
    await furnish();
    const before = await examples();
    await list(tool("list_invoices", true));
    const after = await examples();
    expect(after).toHaveLength(1);
    expect(before).not.toContain(after[0]);
  });

  it("stay stored when the list is read again unchanged", async () => {
    await furnish();
    await examples();
    await list(tool("list_notes", true), tool("delete_note", false), tool("search_notes", true));
    const row = await usher.app.db.assistant.findUniqueOrThrow({ where: { id: assistantId } });
    expect(row.examples).toHaveLength(3);
  });

  it("name no tool that an admin set to never run", async () => {
    await furnish();
    const [, , last] = await examples();
    await changeAssistant(
      { ...usher.app, modelProblem },
      assistantId,
      input({ list_notes: "NEVER", search_notes: "NEVER" }),
    );
    expect(await examples()).toEqual([last]);
  });

  it("put a read-only tool first once its definition is accepted", async () => {
    await furnish();
    const now = [tool("delete_note", false), tool("read_note", true)] as const;
    await list(...now);
    const [unaccepted] = await examples();
    const [, read] = now;
    const tools = [{ toolName: read.name, fingerprint: fingerprint(read) }];
    await acceptServerTools(usher.app, serverId, { tools });
    const [accepted] = await examples();
    expect(accepted).not.toBe(unaccepted);
    expect(accepted).toMatch(/read/i);
  });

  it("are removed with the server, and follow its name if several are used", async () => {
    await furnish();
    const first = serverId;
    const row = await findMcpServer(usher.app.db, first);
    const second = await createServer(
      usher.app,
      serverInput({ name: `Wiki ${randomUUID()}`, url: "http://127.0.0.1:9/mcp" }),
    );
    serverId = second;
    await list(tool("list_pages", true));
    serverId = first;
    const both = input();
    both.servers.push({ serverId: second, allTools: true, toolNames: [], toolPolicies: {} });
    await changeAssistant({ ...usher.app, modelProblem }, assistantId, both);
    expect((await examples()).join()).toContain(row?.name);
    const renamed = serverInput({ name: `Journal ${randomUUID()}`, url: "http://127.0.0.1:9/mcp" });
    await updateServer(usher.app, first, { ...renamed, version: row?.version ?? 1 });
    expect((await examples()).join()).toContain(renamed.name);
    await usher.app.db.mcpServer.delete({ where: { id: first } });
    expect((await examples()).join()).not.toContain(renamed.name);
    expect(await examples()).toHaveLength(1);
  });

  it("that were computed from outdated data are not stored", async () => {
    await furnish();
    const { examplesVersion } = await usher.app.db.assistant.findUniqueOrThrow({
      where: { id: assistantId },
    });
    const { saveExamples } = await import("@/lib/db/lists/assistants");
    await list(tool("list_invoices", true));
    await saveExamples(usher.app.db, { id: assistantId, version: examplesVersion }, ["Old words"]);
    expect(await examples()).not.toContain("Old words");
  });
});

describe("lists", () => {
  const role = `lists_${randomUUID().replaceAll("-", "")}`;
  let client: pg.Client;
  let lean: ReturnType<typeof createDatabase>;

  /** They may read everything except any server's tools. */
  beforeAll(async () => {
    await furnish();
    await examples();
    client = new pg.Client(usher.database.url);
    await client.connect();
    const { rows } = await client.query<{ columns: string }>(
      `SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
       WHERE table_name = 'ToolCatalogue' AND column_name <> 'tools'`,
    );
    await client.query(`
      CREATE ROLE ${role} LOGIN;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
      REVOKE SELECT ON "ToolCatalogue" FROM ${role};
      GRANT SELECT (${rows[0]?.columns}) ON "ToolCatalogue" TO ${role}`);
    const url = new URL(usher.database.url);
    url.username = role;
    lean = createDatabase(url.href, { connections: 2 });
    installApp({ ...usher.app, db: lean });
  });
  afterAll(async () => {
    installApp(usher.app);
    await lean?.$disconnect();
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await client.end();
  });

  it.each([
    ["/api/chat/assistants", chatAssistantsRoute],
    ["/api/assistants", assistantsRoute],
    ["/api/assistants/form-context", formContextRoute],
    ["/api/mcp-servers", serversRoute],
    ["/api/connections", connectionsRoute],
  ])("%s does not read any server's tools", async (path, route) => {
    const response = await admin.visit(route, { path });
    expect(response.status).toBe(200);
  });

  it("an assistant opens without any server's tools", async () => {
    const response = await admin.visit(assistantRoute, {
      ...{ path: `/api/assistants/${assistantId}`, params: { assistantId } },
    });
    expect(((await response.json()) as AssistantDetail).servers).toMatchObject([{ serverId }]);
  });

  it("a server's own page reads them", async () => {
    const response = await admin.visit(serverRoute, {
      ...{ path: `/api/mcp-servers/${serverId}`, params: { serverId } },
    });
    expect(response.status).toBe(503);
  });
});

describe("the form of an assistant", () => {
  it("shows how many tools a server has, and loads them when the server is chosen", async () => {
    await furnish();
    await examples();
    const context = await admin.visit(formContextRoute, { path: "/api/assistants/form-context" });
    const { servers } = (await context.json()) as AssistantFormContext;
    expect(servers.find(({ id }) => id === serverId)).toMatchObject({
      ...{ toolCount: 3, changingToolCount: 1 },
    });
    const response = await admin.visit(toolsRoute, {
      ...{ path: `/api/mcp-servers/${serverId}/tools`, params: { serverId } },
    });
    const { tools } = await response.json();
    expect(tools).toEqual([
      { ...described("list_notes"), readOnly: true },
      { ...described("delete_note"), readOnly: false },
      { ...described("search_notes"), readOnly: true },
    ]);
  });

  it("learns only about its own servers what has to be reviewed", async () => {
    await furnish();
    await list(tool("list_notes", true, "Says something else now."), tool("new_note", false));
    const params = { assistantId, serverId };
    const path = `/api/assistants/${assistantId}/servers/${serverId}`;
    const response = await admin.visit(assistantServerRoute, { path, params });
    const { toolReviews } = await response.json();
    expect(toolReviews).toMatchObject([
      { toolName: "list_notes", standing: "changed", changes: [{ field: "description" }] },
      { toolName: "new_note", standing: "new", changes: [] },
    ]);
    const other = await admin.visit(assistantServerRoute, {
      ...{ path, params: { assistantId, serverId: "another" } },
    });
    expect(other.status).toBe(404);
  });

  function described(name: string) {
    return { name, title: null, description: `What ${name} does.` };
  }
});
