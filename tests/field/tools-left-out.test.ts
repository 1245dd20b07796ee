import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PUT as changeAssistantRoute } from "@/app/api/assistants/[assistantId]/route";
import { GET as assistantServerRoute } from "@/app/api/assistants/[assistantId]/servers/[serverId]/route";
import { POST as createAssistantRoute } from "@/app/api/assistants/route";
import { GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import { POST as createServerRoute } from "@/app/api/mcp-servers/route";
import type { SavedAssistant } from "@/lib/contracts/assistant";
import type { TestStep } from "@/lib/contracts/servers/catalogue";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type McpFixture, startMcpFixture } from "@/tests/support/mcp-fixture";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const vast = Object.fromEntries(
  Array.from({ length: 5_000 }, (_, n) => [`property-${n}`, { type: "string" }]),
);
const tools = [
  { name: "good", inputSchema: { type: "object" } },
  { name: "vast", inputSchema: { type: "object", properties: vast } },
];

let usher: Installation;
let admin: Visitor;
let server: McpFixture;

async function start(env: Record<string, string>) {
  usher = await startInstallation({ env });
  admin = await usher.join("ADMIN");
}
beforeEach(async () => {
  server = await startMcpFixture({
    speaks: "sessions",
    intercept: ({ method, message }) =>
      method === "tools/list"
        ? Response.json({ jsonrpc: "2.0", id: message?.id, result: { tools } })
        : undefined,
  });
});
afterEach(async () => {
  await usher.close();
  await server.close();
});

async function createServer(): Promise<string> {
  const json = serverInput({ name: "Odd", url: server.url });
  const created = await admin.visit(createServerRoute, { path: "/api/mcp-servers", json });
  return (await created.json()).id;
}

async function testServer(serverId: string): Promise<TestStep[]> {
  const path = `/api/mcp-servers/${serverId}/test`;
  const answer = await admin.visit(testRoute, { path, params: { serverId }, method: "POST" });
  return (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function detail(serverId: string) {
  const path = `/api/mcp-servers/${serverId}`;
  return (await admin.visit(detailRoute, { path, params: { serverId } })).json();
}

const assistantWith = (serverId: string, model: string) => ({
  name: "Helper",
  description: "",
  instructions: "",
  model,
  servers: [{ serverId, allTools: true, toolNames: [] }],
});

const tooLarge = "The schema of its arguments is too large for a model.";

// makenotion/notion-mcp-server#340: the whole request was rejected because of one tool.
describe("a tool that the model's API does not accept", () => {
  test("is named with the reason in its server's test and on the server's page", async () => {
    await start({ AI_MODEL: "openai/gpt-5.5", OPENAI_API_KEY: "sk-of-the-test" });
    const serverId = await createServer();
    const steps = await testServer(serverId);
    const listed = steps.find(({ step, state }) => step === "list_tools" && state === "done");
    expect(listed).toMatchObject({ tools: 2, leftOut: [{ name: "vast", reason: tooLarge }] });
    expect(listed?.message).toContain(`vast (${tooLarge})`);
    expect(steps.at(-1)).toMatchObject({ step: "save", state: "done" });
    expect((await detail(serverId)).catalogue.leftOut).toEqual([
      { name: "vast", reason: tooLarge },
    ]);
  });

  test("is named when an assistant is saved, for that assistant's model", async () => {
    await start({ OPENAI_API_KEY: "sk-of-the-test", AI_MODEL: "built-in" });
    const serverId = await createServer();
    await testServer(serverId);
    const save = await admin.visit(createAssistantRoute, {
      path: "/api/assistants",
      json: assistantWith(serverId, "openai/gpt-5.5"),
    });
    expect(save.status).toBe(201);
    const saved: SavedAssistant = await save.json();
    const named = [{ serverName: "Odd", toolName: "vast", reason: tooLarge }];
    expect(saved.toolsLeftOut).toEqual(named);
    const path = `/api/assistants/${saved.id}`;
    const params = { assistantId: saved.id };
    const read = await admin.visit(assistantServerRoute, {
      path: `${path}/servers/${serverId}`,
      params: { ...params, serverId },
    });
    expect((await read.json()).toolsLeftOut).toEqual(named);

    const change = await admin.visit(changeAssistantRoute, {
      path,
      params,
      method: "PUT",
      json: assistantWith(serverId, "built-in"),
    });
    expect((await change.json()).toolsLeftOut).toEqual([]);
  });
});
