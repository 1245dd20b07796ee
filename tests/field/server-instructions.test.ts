import { afterEach, beforeEach, expect, test } from "vitest";
import { PUT as changeRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { createAssistant } from "@/lib/assistants/assistant";
import { readAssistant } from "@/lib/chat/assistants";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type McpFixture, startMcpFixture } from "@/tests/support/mcp-fixture";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
let server: McpFixture;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  server = await startMcpFixture({ speaks: "sessions" });
});
afterEach(async () => {
  await usher.close();
  await server.close();
});

// danny-avila/LibreChat#7660
test("a server's instructions reach its assistants, unless an admin leaves them out", async () => {
  const input = serverInput({ name: "Wordy", url: server.url });
  const created = await admin.visit(createRoute, { path: "/api/mcp-servers", json: input });
  const { id: serverId } = await created.json();
  const path = `/api/mcp-servers/${serverId}`;
  const params = { serverId };
  await (await admin.visit(testRoute, { path: `${path}/test`, params, method: "POST" })).text();
  const assistant = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Helper", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  const told = async () =>
    (await readAssistant(usher.app, admin.user, assistant.id)).serverInstructions;
  expect(await told()).toEqual([{ serverName: "Wordy", text: "Only for tests." }]);

  const json = { ...input, version: 1, settings: { useInstructions: false } };
  const changed = await admin.visit(changeRoute, { path, params, method: "PUT", json });
  expect(changed.status).toBe(200);
  expect(await told()).toEqual([]);
});
