import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { McpTarget } from "@/lib/mcp/target";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  type McpFixtureOptions,
  type SeenRequest,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

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
const page = "<!DOCTYPE html><html><title>Just a moment...</title></html>";
const html = (status: number) =>
  new Response(page, { status, headers: { "content-type": "text/html" } });

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

describe("an answer whose headers say something else than its body", () => {
  const json = "application/json";
  test.each<[string, string, (text: string) => Uint8Array | string, string?]>([
    // neutree-ai/agent-platform#224, epam/ai-dial-core#1586
    ["gzip where nothing is compressed", "gzip", (text) => text],
    ["brotli where nothing is compressed", "br", (text) => text],
    // hgoebl/DavidWebb#31
    ["a charset as its compression", "UTF-8", (text) => text],
    ["no compression in a word", "none", (text) => text],
    ["gzip twice", "gzip, gzip", (text) => gzipSync(gzipSync(text))],
    ["two compressions", "deflate, br", (text) => brotliCompressSync(deflateSync(text))],
    ["gzip and nothing", "gzip, identity", (text) => gzipSync(text)],
    ["deflate without its own header", "deflate", (text) => deflateRawSync(text)],
    ["an older charset", "", (text) => Buffer.from(text, "latin1"), `${json}; charset=iso-8859-1`],
    ["UTF-16", "", (text) => Buffer.from(`\ufeff${text}`, "utf16le"), `${json}; charset=utf-16`],
    ["an older charset, wrongly", "", (text) => text, `${json}; charset=iso-8859-1`],
    ["an unknown charset", "", (text) => text, `${json}; charset=x-none`],
  ])("such as %s is read", async (_name, encoding, encode, type = json) => {
    const { call } = await server((seen) => {
      const body = Buffer.from(encode(JSON.stringify(answered(seen, text("Café 1")))));
      const headers = { "content-type": type, ...(encoding && { "content-encoding": encoding }) };
      return new Response(body, { headers });
    });
    expect(await call()).toMatchObject(text("Café 1"));
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

describe("a refusal", () => {
  test.each<[string, () => Response, string]>([
    // BingoWon/apple-rag-mcp#3, NSHipster/sosumi.ai#22
    ["by a page for browsers", () => html(403), "Something in front of it refused"],
    // obot-platform/obot#3266
    ["by a proxy that stopped waiting", () => html(524), "it may have done so; look before"],
    // serpapi/serpapi-mcp#56
    ["by a gateway", () => new Response("", { status: 504 }), "it may have done so; look before"],
    // modelcontextprotocol/csharp-sdk#1799
    [
      "with a code in words",
      () => Response.json({ error: { code: "invalid_payload", message: "No." } }, { status: 400 }),
      "It said: “No.”",
    ],
    [
      "of OAuth's form",
      () => Response.json({ error: "x", error_description: "Wrong plan." }, { status: 402 }),
      "It said: “Wrong plan.”",
    ],
    [
      "of a framework's form",
      () =>
        Response.json(
          { detail: [{ loc: ["body"], msg: "?", reason: "Too short." }] },
          { status: 400 },
        ),
      "It said: “Too short.”",
    ],
    [
      "with a text alone",
      () => Response.json({ error: "Plan ended" }, { status: 402 }),
      "It said: “Plan ended”",
    ],
  ])("%s is told as what it is", async (_name, answer, words) => {
    const { call, fixture } = await server(answer);
    await expect(call()).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining(words),
    });
    expect(count(fixture, "tools/call")).toBe(1);
  });

  test.each([
    ["a framework's", () => Response.json({ detail: "Not Found" }, { status: 404 })],
    ["a router's", () => new Response("Cannot POST /mcp", { status: 404 })],
  ])("by %s words for an unknown path names the URL", async (_name, answer) => {
    const { call } = await server(answer, "initialize");
    await expect(call()).rejects.toMatchObject({
      userMessage: expect.stringContaining("There is no MCP server at the URL of Fixture"),
    });
  });

  // elizaOS/eliza#8101
  test.each([
    ["a text", "cwd is required", "Invalid params: cwd is required"],
    [
      "a list",
      { errors: 1, details: [{ message: "a" }, { message: "b" }] },
      "Invalid params: a; b",
    ],
    ["any object", { cwd: { _errors: ["Required"] } }, '{"cwd":{"_errors":["Required"]}}'],
    ["the same again", "Invalid params", "“Invalid params”"],
    ["nothing", {}, "“Invalid params”"],
  ])("with %s as its data says what is wrong", async (_name, data, words) => {
    const { call } = await server((seen) =>
      Response.json(failed(seen, -32602, "Invalid params", data)),
    );
    await expect(call()).rejects.toMatchObject({ userMessage: expect.stringContaining(words) });
  });

  test("that asks for patience is quoted, without a credential", async () => {
    const { call, fixture } = await server(({ headers }) =>
      Response.json(
        { error: { message: `Monthly quota of ${headers.get("x-key")} used up` } },
        { status: 429, headers: { "retry-after": "60" } },
      ),
    );
    const headers = { "X-Key": "key-very-secret" };
    const endpoint = { transport: "STREAMABLE_HTTP" as const, url: fixture.url, headers };
    await expect(call({ endpoint })).rejects.toMatchObject({
      code: "try_later",
      retryAfterMs: 60_000,
      userMessage:
        "Fixture is receiving too many requests. Try again in 60 seconds. It said: “Monthly quota of [removed] used up”",
    });
  });

  test("for maintenance is not told as haste, and its reason does not hold it up", async () => {
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("Back soon")),
    });
    const { call } = await server(
      () => new Response(endless, { status: 503, headers: { "retry-after": "5" } }),
    );
    await expect(call()).rejects.toMatchObject({
      code: "try_later",
      userMessage:
        "Fixture is temporarily unavailable. Try again in 5 seconds. It said: “Back soon”",
    });
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
    ["reads it again", "No tool named 'echo' is available", true],
    ["reads it again", "Tool is not registered: echo", true],
    ["reads it again", "Unable to find tool echo", true],
    ["reads it again", "The tool 'echo' has been removed", true],
    ["does not read it for arguments", "Invalid tool arguments for echo", false],
  ])("%s: %s", async (_name, words, changed) => {
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
