import { afterEach, describe, expect, test } from "vitest";
import type { McpTarget } from "@/lib/mcp/target";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  type McpFixtureOptions,
  type SeenRequest,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answer = (seen: SeenRequest) => Response | undefined;

/** A real server that answers calls, or every request of `method`, differently. */
async function server(answer: Answer, method = "tools/call") {
  const intercept: McpFixtureOptions["intercept"] = (seen) =>
    seen.method === method ? answer(seen) : undefined;
  const fixture = await startMcpFixture({ speaks: "sessions", intercept });
  const mcp = fixtureConnections();
  closing.push(fixture.close, mcp.close);
  const target = (changes: Partial<McpTarget> = {}) => httpTarget(fixture.url, changes);
  return {
    fixture,
    mcp,
    call: (changes?: Partial<McpTarget>) =>
      mcp.callTool(target(changes), { name: "echo", input: { message: "hi" } }),
    read: () => mcp.readCatalogue(target()),
  };
}

const count = (fixture: McpFixture, method: string) =>
  fixture.methods().filter((each) => each === method).length;
const text = (words: string) => ({ content: [{ type: "text", text: words }] });
const answered = (seen: SeenRequest, result: object) => ({
  jsonrpc: "2.0",
  id: seen.message?.id,
  result,
});
const failed = (seen: SeenRequest, code: number, message: string, data?: unknown) => ({
  jsonrpc: "2.0",
  id: seen.message?.id,
  error: { code, message, ...(data === undefined ? {} : { data }) },
});
const stream = (body: string) =>
  new Response(body, { headers: { "content-type": "text/event-stream" } });
const progress = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info" } };

describe("an answer in a stream", () => {
  test.each<[string, (seen: SeenRequest) => string]>([
    // envoyproxy/ai-gateway#2218
    ["that is JSON without events", (seen) => JSON.stringify(answered(seen, text("done")))],
    [
      "that is JSON in lines",
      (seen) => `\n${JSON.stringify(answered(seen, text("done")), null, 2)}\n`,
    ],
    ["that is a batch", (seen) => JSON.stringify([progress, answered(seen, text("done"))])],
    [
      "with a batch in one event",
      (seen) => `data: ${JSON.stringify([progress, answered(seen, text("done"))])}\n\n`,
    ],
    [
      // modelcontextprotocol/python-sdk#1146, IBM/mcp-context-forge#689
      "after keep-alives with data",
      (seen) =>
        `event: keepalive\ndata: {}\n\nevent: ping\ndata: 2025-07-15 10:00\n\ndata: ${JSON.stringify(answered(seen, text("done")))}\n\n`,
    ],
  ])("%s is read", async (_name, body) => {
    const { call } = await server((seen) => stream(body(seen)));
    expect(await call()).toMatchObject(text("done"));
  });
});

// mayswind/ezbookkeeping#347, ballerina-platform/ballerina-library#9117, modelcontextprotocol/rust-sdk#748
describe("an error of the method in a failed request", () => {
  test.each([
    [400, -32603, "cannot add transaction before balance modification transaction"],
    [400, -32602, "Missing required argument 'a'"],
    [422, -32602, "Wrong argument"],
    [500, -32603, "Table is locked"],
  ])(
    "with HTTP %i and %i is the server's answer, and its connection stays",
    async (status, code, message) => {
      const { call, fixture } = await server((seen) =>
        Response.json(failed(seen, code, message), { status }),
      );
      const userMessage = `Fixture answered with an error: “${message}”`;
      await expect(call()).rejects.toMatchObject({ name: "McpRefusalError", userMessage });
      await expect(call()).rejects.toMatchObject({ userMessage });
      expect(count(fixture, "initialize")).toBe(1);
      expect(count(fixture, "tools/call")).toBe(2);
    },
  );

  test.each([
    ["another request's", 400, -32602, "99"],
    ["one that the server could not read", 400, -32700, undefined],
    ["a refusal of the account", 403, -32603, undefined],
  ])("is not %s", async (_name, status, code, id) => {
    const { call } = await server((seen) => {
      const answer = failed(seen, code, "No.");
      return Response.json({ ...answer, ...(id === undefined ? {} : { id }) }, { status });
    });
    await expect(call()).rejects.toMatchObject({ name: "McpServerError" });
  });
});

describe("a list of tools", () => {
  const tool = (name: string) => ({ name, inputSchema: { type: "object" } });
  const pages = (refuse: (cursor: string) => boolean, next = "2") => {
    let refused = 0;
    return (seen: SeenRequest) => {
      const cursor = seen.message?.params?.cursor;
      if (typeof cursor !== "string") {
        return Response.json(answered(seen, { tools: [tool("one")], nextCursor: next }));
      }
      if (refuse(cursor) && refused++ < 9) {
        return Response.json(failed(seen, -32602, "Invalid cursor"));
      }
      return Response.json(answered(seen, { tools: [tool("two")] }));
    };
  };

  // MongLong0214/logic-pro-mcp#230
  test("whose server refuses its own cursor keeps what came before, and says so", async () => {
    const { read } = await server(
      pages(() => true),
      "tools/list",
    );
    const { tools, leftOut } = await read();
    expect(tools.map(({ name }) => name)).toEqual(["one"]);
    expect(leftOut).toEqual([
      { name: "The rest of the list", reason: expect.stringContaining("“Invalid cursor”") },
    ]);
  });

  // LanternOps/breeze#6407
  test("whose cursor became invalid between two pages is read from the beginning", async () => {
    let changed = false;
    const refuse = () => {
      if (changed) return false;
      changed = true;
      return true;
    };
    const { read } = await server(pages(refuse), "tools/list");
    const { tools, leftOut } = await read();
    expect(tools.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(leftOut).toEqual([]);
  });

  test("whose server refuses an empty cursor ends there", async () => {
    const { read } = await server(
      pages(() => true, ""),
      "tools/list",
    );
    expect(await read()).toMatchObject({ tools: [{ name: "one" }], leftOut: [] });
  });
});

// obot-platform/obot#7918, homeassistant-ai/ha-mcp#1617
describe("a result that says that the tool is unknown", () => {
  test.each([
    ["reads the list again", "Unknown tool: echo", true],
    ["reads it for its own tool only", "Unknown tool: hammer", false],
  ])("%s", async (_name, words, changed) => {
    const fixture = await startMcpFixture({
      speaks: "sessions",
      intercept: (seen) =>
        seen.method === "tools/call"
          ? Response.json(answered(seen, { ...text(words), isError: true }))
          : undefined,
    });
    let told = 0;
    const mcp = fixtureConnections({ onToolsChanged: () => (told += 1) });
    closing.push(fixture.close, mcp.close);
    const call = { name: "echo", input: { message: "hi" } };
    expect(await mcp.callTool(httpTarget(fixture.url), call)).toMatchObject({ isError: true });
    expect(told).toBe(changed ? 1 : 0);
  });
});

test("a session id that is empty is none", async () => {
  const { call, fixture } = await server(
    (seen) =>
      Response.json(
        answered(seen, { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: {} }),
        { headers: { "mcp-session-id": "" } },
      ),
    "initialize",
  );
  await call().catch(() => {});
  const later = fixture.requests.filter(({ method }) => method === "tools/call");
  expect(later.map(({ headers }) => headers.has("mcp-session-id"))).not.toContain(true);
  expect(later).not.toEqual([]);
});
