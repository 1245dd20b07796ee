import { describe, expect, test } from "vitest";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixtureOptions,
  type SeenRequest,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

type Intercept = NonNullable<McpFixtureOptions["intercept"]>;

async function server(speaks: McpFixtureOptions["speaks"], intercept: Intercept, deps = {}) {
  const fixture = await startMcpFixture({ speaks, intercept });
  const mcp = fixtureConnections(deps);
  closing.push(fixture.close, mcp.close);
  const target = httpTarget(fixture.url);
  return {
    fixture,
    count: (method: string) => fixture.methods().filter((each) => each === method).length,
    call: (more: object = {}) =>
      mcp.callTool(target, { name: "echo", input: { message: "hi" }, ...more }),
    read: () => mcp.readCatalogue(target),
  };
}

const hi = { content: [{ type: "text", text: "hi" }] };
const answer = ({ message }: SeenRequest, result: object) =>
  Response.json({ jsonrpc: "2.0", id: message?.id, result });
const discovered = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } };

describe("an answer to server/discover that names its versions", () => {
  const { supportedVersions, ...rest } = discovered;
  test.each<[string, object]>([
    // joshrotenberg/tower-mcp#865
    ["as the one protocolVersion", { protocolVersion: "2026-07-28", ...rest }],
    ["in a longer name", { supportedProtocolVersions: supportedVersions, ...rest }],
    ["in Python's spelling", { supported_versions: supportedVersions, ...rest }],
  ])("%s is taken as one", async (_name, result) => {
    const { call, fixture } = await server("modern", (seen) =>
      seen.method === "server/discover" ? answer(seen, result) : undefined,
    );
    expect(await call()).toMatchObject(hi);
    expect(fixture.methods()).not.toContain("initialize");
  });
});

test("an initialize that is answered with 2026-07-28 goes on with the version that was offered", async () => {
  // agentgateway/agentgateway#2982
  const { call, fixture } = await server("sessions", (seen) =>
    seen.method === "initialize"
      ? answer(seen, { protocolVersion: "2026-07-28", capabilities: { tools: {} } })
      : seen.method === "tools/call"
        ? answer(seen, hi)
        : seen.method === "notifications/initialized"
          ? new Response(null, { status: 202 })
          : undefined,
  );
  expect(await call()).toMatchObject(hi);
  expect(fixture.requests.at(-1)?.headers.get("mcp-protocol-version")).toBe("2025-11-25");
});

describe("a server of 2026-07-28", () => {
  const result = (value: unknown) =>
    server("modern", (seen) =>
      seen.method === "tools/call" ? answer(seen, value as object) : undefined,
    );
  const video = { type: "video", data: "AAAA", mimeType: "video/mp4" };

  test.each<[string, unknown, object]>([
    ["a part of an unknown kind", { content: [video, hi.content[0]] }, { isError: false }],
    [
      "null content",
      { content: null, structuredContent: { a: 1 } },
      { structuredContent: { a: 1 } },
    ],
    ["an odd type of result", { resultType: "final", structuredContent: [1] }, { isError: false }],
    ["null isError", { ...hi, isError: null }, { ...hi, isError: false }],
    ["an odd annotation", { content: [{ ...hi.content[0], annotations: { priority: 5 } }] }, hi],
    ["a list as the result", hi.content, hi],
  ])("may answer with %s, as an older one may", async (_name, value, read) => {
    expect(await (await result(value)).call()).toMatchObject(read);
  });

  const good = { name: "good", inputSchema: { type: "object" } };
  test.each<[string, object]>([
    // browseros-ai/BrowserOS#2168, certinia/debug-log-analyzer-mcp#94
    ["without ttlMs", { tools: [good] }],
    ["with a time in words", { tools: [good], ttlMs: "60000", cacheScope: "tenant" }],
    ["with an odd tool", { tools: [null, { name: "odd", inputSchema: 5 }, good], ttlMs: 0 }],
    ["with a null cursor", { tools: [good], nextCursor: null }],
  ])("may list its tools %s", async (_name, listed) => {
    const { read } = await server("modern", (seen) =>
      seen.method === "tools/list" ? answer(seen, listed) : undefined,
    );
    expect((await read()).tools.map(({ name }) => name)).toEqual(["good"]);
  });
});
