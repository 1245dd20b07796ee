import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { GET as assistantsRoute } from "@/app/api/chat/assistants/route";
import { POST as duplicateRoute } from "@/app/api/mcp-servers/[serverId]/duplicate/route";
import { PUT as switchRoute } from "@/app/api/mcp-servers/[serverId]/switch/route";
import { GET as listRoute } from "@/app/api/mcp-servers/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createAssistant } from "@/lib/assistants/assistant";
import { callTool } from "@/lib/calls/call-tool";
import { readAssistant } from "@/lib/chat/assistants";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { findMcpServer } from "@/lib/db/mcp-server";
import { openClientSecret } from "@/lib/servers/oauth-client";
import { createServer } from "@/lib/servers/save";
import { openValues } from "@/lib/servers/secret-values";
import { startEchoingMcpServer } from "@/tests/support/echoing-mcp-server";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { nowhere, oauthServerInput, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let echo: Awaited<ReturnType<typeof startEchoingMcpServer>>;
let usher: Installation;
let admin: Visitor;
let serverId: string;
let assistantId: string;
let named = 0;

beforeAll(async () => {
  provider = await startProvider();
  echo = await startEchoingMcpServer();
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterAll(async () => {
  await usher.close();
  await echo.close();
  await provider.close();
});
beforeEach(async () => {
  named += 1;
  const { app } = usher;
  const headers = "Authorization: Bearer a key of the team";
  const input = {
    name: `Echo ${named}`,
    url: echo.url,
    authentication: "HEADERS",
    headers,
  } as const;
  serverId = await createServer(app, serverInput(input));
  await app.db.toolCatalogue.create({
    data: {
      ...{ serverId, serverVersion: 1, fetchedAt: app.now() },
      tools: [
        {
          ...{ name: "whoami", title: null, description: "Says who" },
          ...{ inputSchema: { type: "object" }, annotations: { readOnlyHint: true } },
        },
      ],
    },
  });
  ({ id: assistantId } = await createAssistant(
    { ...app, modelProblem: () => null },
    {
      ...{ name: `Assistant ${named}`, description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  ));
});

function turn(on: boolean) {
  const path = `/api/mcp-servers/${serverId}/switch`;
  return admin.visit(switchRoute, { path, method: "PUT", json: { on }, params: { serverId } });
}

function call() {
  const { user } = admin;
  const signal = AbortSignal.timeout(20_000);
  return callTool(usher.app, { serverId, toolName: "whoami", input: {}, user, signal });
}

async function examples(): Promise<string[]> {
  const response = await admin.visit(assistantsRoute, { path: "/api/chat/assistants" });
  const { assistants } = (await response.json()) as {
    assistants: { id: string; examples: string[] }[];
  };
  return assistants.find(({ id }) => id === assistantId)?.examples ?? [];
}

it("a server that is switched off is not called, and no assistant has its tools", async () => {
  expect((await call()).isError).not.toBe(true);
  expect(await examples()).toHaveLength(1);
  const calls = echo.tokens.length;

  const answer = (await (await turn(false)).json()) as McpServerDetail;
  expect(answer.switchedOffAt).not.toBeNull();
  await expect(call()).rejects.toThrow("is switched off");
  expect(echo.tokens).toHaveLength(calls);
  expect((await readAssistant(usher.app, admin.user, assistantId)).toolbox.tools).toEqual([]);
  expect(await examples()).toEqual([]);
  const list = await (await admin.visit(listRoute, { path: "/api/mcp-servers" })).json();
  const listed = list.servers.find(({ id }: { id: string }) => id === serverId);
  expect(listed.switchedOffAt).toBe(answer.switchedOffAt);

  expect(((await (await turn(true)).json()) as McpServerDetail).switchedOffAt).toBeNull();
  expect((await call()).isError).not.toBe(true);
  expect((await readAssistant(usher.app, admin.user, assistantId)).toolbox.tools).toHaveLength(1);
  expect(await examples()).toHaveLength(1);
});

it("switching is recorded in the audit once, and changes neither the version nor the date of the last edit", async () => {
  const before = await findMcpServer(usher.app.db, serverId);
  await turn(false);
  await turn(false);
  await turn(true);
  const after = await findMcpServer(usher.app.db, serverId);
  expect([after?.version, after?.updatedAt]).toEqual([before?.version, before?.updatedAt]);
  const events = await usher.app.db.auditEvent.findMany({
    where: { serverId, action: { startsWith: "server.switch" } },
    orderBy: [{ at: "asc" }, { action: "asc" }],
  });
  expect(events.map(({ action }) => action).toSorted()).toEqual([
    "server.switch-off",
    "server.switch-on",
  ]);
});

function duplicate(id: string) {
  const path = `/api/mcp-servers/${id}/duplicate`;
  return admin.visit(duplicateRoute, { path, method: "POST", params: { serverId: id } });
}

it("a duplicate has the settings, its own sealed copies of the secrets, and no assistant", async () => {
  const { app } = usher;
  const response = await duplicate(serverId);
  expect(response.status).toBe(201);
  const text = await response.text();
  expect(text).not.toContain("a key of the team");
  const copy = JSON.parse(text) as McpServerDetail;
  expect(copy).toMatchObject({
    ...{ name: `Echo ${named} copy`, url: echo.url, authentication: "HEADERS" },
    ...{ headerNames: ["Authorization"], assistants: [], catalogue: null },
  });
  const row = await findMcpServer(app.db, copy.id);
  const original = await findMcpServer(app.db, serverId);
  expect(row?.headersSealed).not.toBe(original?.headersSealed);
  expect(openValues(app.keyring, copy.id, "headersSealed", row?.headersSealed ?? null)).toEqual({
    Authorization: "Bearer a key of the team",
  });
  expect(((await (await duplicate(serverId)).json()) as McpServerDetail).name).toBe(
    `Echo ${named} copy 2`,
  );
});

it("a duplicate has a client that an admin entered, and none that Usher registered", async () => {
  const { app } = usher;
  const byHand = await createServer(app, oauthServerInput(provider, { name: `Hand ${named}` }));
  const { id } = (await (await duplicate(byHand)).json()) as McpServerDetail;
  const client = (await findMcpServer(app.db, id))?.oauthClient;
  if (!client) throw new Error("It has no client.");
  expect(client.clientId).toBe(provider.clientId);
  expect(openClientSecret(app.keyring, client)).toBe(provider.clientSecret);

  const dynamic = await createServer(
    app,
    oauthServerInput(provider, {
      ...{ name: `Dynamic ${named}`, url: nowhere },
      oauth: { registration: "DYNAMIC", clientId: "", clientSecret: "" },
    }),
  );
  await app.db.oAuthClient.update({
    ...{ where: { serverId: dynamic }, data: { clientId: "registered", registeredAt: app.now() } },
  });
  const other = (await (await duplicate(dynamic)).json()) as McpServerDetail;
  expect(other.oauthClient).toMatchObject({
    ...{ registration: "DYNAMIC", clientId: "", registered: null },
  });
});

it("a name of maximum length still has room for the copy's suffix", async () => {
  await usher.app.db.mcpServer.update({
    where: { id: serverId },
    data: { name: `${named}${"n".repeat(79)}`.slice(0, 80) },
  });
  const { name } = (await (await duplicate(serverId)).json()) as McpServerDetail;
  expect(name).toMatch(/n copy$/);
  expect(name.length).toBeLessThanOrEqual(80);
});
