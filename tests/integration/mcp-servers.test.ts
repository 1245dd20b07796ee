import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  PUT as changeRoute,
  DELETE as deleteRoute,
  GET as detailRoute,
} from "@/app/api/mcp-servers/[serverId]/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/mcp-servers/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { startTeamHandbook } from "@/demo/practice-files";
import { targetFor } from "@/lib/calls/target";
import type { TestStep } from "@/lib/contracts/servers/catalogue";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { openEndpoint } from "@/lib/servers/open-endpoint";
import { authorize } from "@/tests/support/authorize";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { startHtmlSite, startPlainMcpServer } from "@/tests/support/mcp-servers";
import { oauthServerInput, serverInput } from "@/tests/support/server-input";
import { temporaryFolder } from "@/tests/support/temporary-folder";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let provider: AuthorizationServer;
let admin: Visitor;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  usher = await startInstallation({ env: { STDIO_SERVERS: "trusted" } });
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

const create = (input: McpServerInput) =>
  admin.visit(createRoute, { path: "/api/mcp-servers", json: input });
const change = (serverId: string, input: McpServerInput) =>
  admin.visit(changeRoute, {
    path: `/api/mcp-servers/${serverId}`,
    params: { serverId },
    method: "PUT",
    json: input,
  });
const detail = async (serverId: string) =>
  (
    await admin.visit(detailRoute, { path: `/api/mcp-servers/${serverId}`, params: { serverId } })
  ).json();

async function created(input: McpServerInput): Promise<string> {
  const response = await create(input);
  expect(response.status).toBe(201);
  return (await response.json()).id;
}

async function test(serverId: string): Promise<TestStep[]> {
  const response = await admin.visit(testRoute, {
    path: `/api/mcp-servers/${serverId}/test`,
    params: { serverId },
    method: "POST",
  });
  const lines = (await response.text()).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as TestStep);
}

async function problemOf(response: Response): Promise<Record<string, string>> {
  expect(response.status).toBe(400);
  const { error } = await response.json();
  expect(await usher.app.db.mcpServer.count()).toBe(0);
  return error.fields;
}

describe("saving", () => {
  const https = { url: "https://mcp.example.com/mcp" };
  const oauth = {
    clientId: "usher",
    clientSecret: "s3cret-s3cret",
    authorizationEndpoint: "https://idp.example.com/authorize",
    tokenEndpoint: "https://idp.example.com/token",
  };
  const bad: [string, McpServerInput][] = [
    ["name", serverInput({ ...https, name: " " })],
    ["url", serverInput({ url: "" })],
    ["url", serverInput({ url: "mcp.example.com" })],
    ["url", serverInput({ url: "http://mcp.example.com/mcp" })],
    ["url", serverInput({ url: "https://10.0.0.1/mcp" })],
    ["url", serverInput({ url: "https://169.254.169.254/latest" })],
    ["url", serverInput({ url: "https://mcp.example.com/mcp#part" })],
    ["headers", serverInput({ ...https, authentication: "HEADERS" })],
    ["headers", serverInput({ ...https, authentication: "HEADERS", headers: "no colon" })],
    ["url", serverInput({ url: "https://mcp.example.com/mcp?api_key=abc" })],
    ["url", serverInput({ url: "https://user:abc@mcp.example.com/mcp" })],
    ["command", serverInput({ transport: "STDIO" })],
    ["authentication", serverInput({ transport: "STDIO", command: "x", authentication: "OAUTH" })],
    ["environment", serverInput({ transport: "STDIO", command: "x", environment: "NOEQUALS" })],
    ["settings.callTimeoutSeconds", serverInput({ ...https, settings: { callTimeoutSeconds: 1 } })],
    [
      "oauth.clientId",
      serverInput({ ...https, authentication: "OAUTH", oauth: { ...oauth, clientId: "" } }),
    ],
    [
      "oauth.clientSecret",
      serverInput({ ...https, authentication: "OAUTH", oauth: { ...oauth, clientSecret: "" } }),
    ],
    [
      "oauth.authorizationEndpoint",
      serverInput({
        ...https,
        authentication: "OAUTH",
        oauth: { ...oauth, authorizationEndpoint: "" },
      }),
    ],
    [
      "oauth.authorizationEndpoint",
      serverInput({
        ...https,
        authentication: "OAUTH",
        oauth: { ...oauth, authorizationEndpoint: "javascript:alert(1)" },
      }),
    ],
    [
      "oauth.tokenEndpoint",
      serverInput({
        ...https,
        authentication: "OAUTH",
        oauth: { ...oauth, tokenEndpoint: "http://idp.example.com/token" },
      }),
    ],
    [
      "oauth.scope",
      serverInput({ ...https, authentication: "OAUTH", oauth: { ...oauth, scope: 'a "b"' } }),
    ],
    [
      "oauth.extraAuthorizationParameters",
      serverInput({
        ...https,
        authentication: "OAUTH",
        oauth: { ...oauth, extraAuthorizationParameters: "state=mine" },
      }),
    ],
  ];

  it.each(bad)("names the field %s and saves nothing", async (field, input) => {
    const fields = await problemOf(await create(input));
    expect(Object.keys(fields)).toContain(field);
    expect(fields[field]).toMatch(/\.$/);
  });

  it("applies the limits of a call to every call, and keeps them if an edit leaves them out", async () => {
    const limitsOf = async (id: string) =>
      (await targetFor(usher.app, id, admin.user.id)).callLimits;
    const serverId = await created(serverInput(https));
    expect(await limitsOf(serverId)).toEqual({ silenceMs: 60_000, totalMs: 300_000 });

    const settings = { callTimeoutSeconds: 90 };
    await change(serverId, serverInput({ ...https, version: 1, settings }));
    expect(await limitsOf(serverId)).toEqual({ silenceMs: 90_000, totalMs: 300_000 });
    await change(serverId, serverInput({ ...https, version: 2, description: "Changed" }));
    expect((await detail(serverId)).settings).toMatchObject({
      ...{ callTimeoutSeconds: 90, callLimitSeconds: 300 },
    });
  });

  it("refuses a second server with the same name", async () => {
    await created(serverInput(https));
    const response = await create(serverInput(https));
    expect(response.status).toBe(400);
    expect((await response.json()).error.fields.name).toContain("Another MCP server");
  });

  it("refuses to edit what another person has changed in the meantime", async () => {
    const serverId = await created(serverInput(https));
    expect(
      (await change(serverId, serverInput({ ...https, version: 1, description: "a" }))).status,
    ).toBe(200);
    const late = await change(serverId, serverInput({ ...https, version: 1, description: "b" }));
    expect(late.status).toBe(409);
    expect((await detail(serverId)).description).toBe("a");
  });
});

describe("secrets", () => {
  const headers = "X-Api-Key: k-0123456789abcdef";

  it("never return to a browser, and are kept if their field is left empty", async () => {
    const input = { url: "https://mcp.example.com/mcp", authentication: "HEADERS" as const };
    const serverId = await created(serverInput({ ...input, headers }));
    const shown = await detail(serverId);
    expect(shown.headerNames).toEqual(["X-Api-Key"]);
    expect(JSON.stringify(shown)).not.toContain("0123456789abcdef");

    expect((await change(serverId, serverInput({ ...input, name: "Renamed" }))).status).toBe(200);
    const { endpoint } = await openEndpoint(usher.app, serverId);
    expect(endpoint).toMatchObject({ headers: { "X-Api-Key": "k-0123456789abcdef" } });
  });

  it("are required again when the URL changes", async () => {
    const input = { authentication: "HEADERS" as const };
    const serverId = await created(
      serverInput({ ...input, url: "https://a.example/mcp", headers }),
    );
    const moved = await change(serverId, serverInput({ ...input, url: "https://b.example/mcp" }));
    expect(moved.status).toBe(400);
    expect((await moved.json()).error.fields.headers).toContain("The URL changed");
    expect((await detail(serverId)).url).toBe("https://a.example/mcp");
  });

  it("of the environment go to the command they were entered for, and can be removed", async () => {
    const input = { transport: "STDIO" as const, command: "node" };
    const serverId = await created(
      serverInput({ ...input, args: "a.js", environment: "TOKEN=t0ken-t0ken" }),
    );
    expect((await detail(serverId)).environmentNames).toEqual(["TOKEN"]);
    const other = await change(serverId, serverInput({ ...input, args: "b.js" }));
    expect((await other.json()).error.fields.environment).toContain("The command changed");
    expect(
      (await change(serverId, serverInput({ ...input, args: "a.js", clearEnvironment: true })))
        .status,
    ).toBe(200);
    expect((await detail(serverId)).environmentNames).toEqual([]);
  });
});

describe("testing the connection", () => {
  it("reports each step, stores the tools and shows them", async () => {
    const plain = await startPlainMcpServer();
    const serverId = await created(serverInput({ url: plain.url }));
    const steps = await test(serverId);
    expect(steps.at(-1)).toMatchObject({ step: "save", state: "done" });
    const { catalogue, toolCount } = await detail(serverId);
    expect(toolCount).toBeGreaterThan(0);
    expect(catalogue).toMatchObject({ fromEarlierSettings: false, lastError: null });
    await plain.close();
  });

  it.each(["a web page", "nothing"])("says what to do if there is %s", async (kind) => {
    const site = await startHtmlSite();
    const { url } = site;
    if (kind === "nothing") await site.close();
    const serverId = await created(serverInput({ url }));
    const failed = (await test(serverId)).find(({ state }) => state === "failed");
    expect(failed?.message).toMatch(kind === "nothing" ? /connect|reach|refused/i : /web page|MCP/);
    expect((await detail(serverId)).catalogue).toMatchObject({ lastError: failed?.message });
    expect(
      (await (await admin.visit(listRoute, { path: "/api/mcp-servers" })).json()).servers[0],
    ).toMatchObject({ toolCount: null });
    if (kind !== "nothing") await site.close();
  });

  it("reads the tools with the account's token, right after it was authorized", async () => {
    const handbook = await startTeamHandbook({ provider, dataDir: await temporaryFolder() });
    const serverId = await created(oauthServerInput(provider, { url: handbook.url }));
    const refused = (await test(serverId)).find(({ state }) => state === "failed");
    expect(refused?.message).toContain("Authorize first");
    await authorize(admin, serverId);
    await usher.settle();
    expect((await detail(serverId)).toolCount).toBe(5);
    await handbook.close();
  });
});

describe("ten tests at once", () => {
  it("connect once, and every caller gets every step", async () => {
    const handbook = await startTeamHandbook({ provider, dataDir: await temporaryFolder() });
    handbook.setLatency(200);
    const serverId = await created(oauthServerInput(provider, { url: handbook.url }));
    await authorize(admin, serverId);
    await usher.settle();
    handbook.forgetRequests();
    const runs = await Promise.all(Array.from({ length: 10 }, () => test(serverId)));
    for (const steps of runs) expect(steps).toEqual(runs[0]);
    expect(runs[0]?.at(-1)).toMatchObject({ step: "save", state: "done" });
    const lists = handbook.requests.filter(({ rpcMethod }) => rpcMethod === "tools/list");
    expect(lists).toHaveLength(1);

    await test(serverId);
    expect(handbook.requests.filter(({ rpcMethod }) => rpcMethod === "tools/list")).toHaveLength(2);
    await handbook.close();
  });

  it("continue for the others when the first caller leaves", async () => {
    const handbook = await startTeamHandbook({ provider, dataDir: await temporaryFolder() });
    handbook.setLatency(300);
    const serverId = await created(oauthServerInput(provider, { url: handbook.url }));
    await authorize(admin, serverId);
    await usher.settle();
    const first = await admin.visit(testRoute, {
      path: `/api/mcp-servers/${serverId}/test`,
      params: { serverId },
      method: "POST",
    });
    const reader = first.body?.getReader();
    await reader?.read();
    const other = test(serverId);
    await reader?.cancel();
    expect((await other).at(-1)).toMatchObject({ step: "save", state: "done" });
    await handbook.close();
  });
});

describe("deleting", () => {
  it("ends the access at the provider too", async () => {
    const serverId = await created(oauthServerInput(provider));
    await authorize(admin, serverId);
    const grants = provider.countGrantsOf("ada");
    const response = await admin.visit(deleteRoute, {
      path: `/api/mcp-servers/${serverId}`,
      params: { serverId },
      method: "DELETE",
    });
    expect(response.status).toBe(204);
    expect(provider.countGrantsOf("ada")).toBe(grants - 1);
    expect(await usher.app.db.mcpServer.count()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
    expect(await usher.app.db.oAuthClient.count()).toBe(0);
  });
});

describe("a member", () => {
  it("may not see, test or change servers", async () => {
    const member = await usher.join("MEMBER");
    const params = { serverId: "any" };
    const responses = await Promise.all([
      member.visit(listRoute, { path: "/api/mcp-servers" }),
      member.visit(createRoute, { path: "/api/mcp-servers", json: serverInput({}) }),
      member.visit(detailRoute, { path: "/api/mcp-servers/any", params }),
      member.visit(testRoute, { path: "/api/mcp-servers/any/test", params, method: "POST" }),
      member.visit(deleteRoute, { path: "/api/mcp-servers/any", params, method: "DELETE" }),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  });
});
