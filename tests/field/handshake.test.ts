import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { McpTarget } from "@/lib/mcp/target";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  type McpFixtureOptions,
  type SeenRequest,
  scriptedBearer,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";
import { startStopwatch } from "@/tests/support/stopwatch";

const closing = closedAfterEach();

type Intercept = NonNullable<McpFixtureOptions["intercept"]>;

async function start(intercept: Intercept): Promise<McpFixture> {
  const server = await startMcpFixture({ speaks: "sessions", intercept });
  closing.push(server.close);
  return server;
}

function connections() {
  const made = fixtureConnections();
  closing.push(made.close);
  return made;
}

const json = (status: number, body: unknown) => Response.json(body, { status });
const failure = (seen: SeenRequest, code: number, message: string, id = seen.message?.id) => ({
  jsonrpc: "2.0",
  id: id ?? null,
  error: { code, message },
});
const count = (server: McpFixture, method: string) =>
  server.methods().filter((each) => each === method).length;

async function echoes(server: McpFixture, changes: Partial<McpTarget> = {}): Promise<void> {
  const mcp = connections();
  const said = { name: "echo", input: { message: "hi" } };
  const { content } = await mcp.callTool(httpTarget(server.url, changes), said);
  expect(content).toEqual([{ type: "text", text: "hi" }]);
}

/** Answers to a question that an older server does not know. */
const answers: [string, (seen: SeenRequest) => Response | Promise<Response>][] = [
  // adcontextprotocol/adcp-client#2434
  ["401", () => json(401, { error: "unauthorized" })],
  [
    "401 with a challenge",
    () => new Response("", { status: 401, headers: { "www-authenticate": "Bearer" } }),
  ],
  ["403", () => json(403, { error: "forbidden" })],
  // modelcontextprotocol/csharp-sdk#1765, modelcontextprotocol/rust-sdk#1133
  ...[400, 404, 405, 406, 409, 415, 422, 426, 429, 500, 501, 502, 503, 504].map(
    (status): [string, () => Response] => [
      `${status} without a body`,
      () => new Response(null, { status }),
    ],
  ),
  ["500 with a page", () => new Response("<html>Oops</html>", { status: 500 })],
  ["-32600", (seen) => json(200, failure(seen, -32600, "Invalid Request"))],
  ["-32602", (seen) => json(200, failure(seen, -32602, "Invalid params"))],
  ["-32603 in a 500", (seen) => json(500, failure(seen, -32603, "Internal error"))],
  ["-32000 without an id", (seen) => json(200, failure(seen, -32000, "No session", null))],
  ["-32000 in a 400", (seen) => json(400, failure(seen, -32000, "Server not initialized"))],
  ["202", () => new Response(null, { status: 202 })],
  ["204", () => new Response(null, { status: 204 })],
  ["200 without a body", () => new Response("")],
  ["text", () => new Response("not found", { headers: { "content-type": "text/plain" } })],
  ["a page", () => new Response("<html></html>", { headers: { "content-type": "text/html" } })],
  [
    "broken JSON",
    () => new Response('{"jsonrpc"', { headers: { "content-type": "application/json" } }),
  ],
  ["JSON that is not a message", () => json(200, { status: "ok" })],
  ["null", () => json(200, null)],
  [
    "a result that says nothing",
    (seen) => json(200, { jsonrpc: "2.0", id: seen.message?.id, result: {} }),
  ],
  [
    "a stream without an event",
    () => new Response(": hi\n\n", { headers: { "content-type": "text/event-stream" } }),
  ],
];

describe("server/discover, which an older server does not know", () => {
  test.each(answers)("answered by %s leads to initialize", async (_name, answer) => {
    const server = await start((seen) =>
      seen.method === "server/discover" ? answer(seen) : undefined,
    );
    const bearer = scriptedBearer({ tokens: ["good"] });
    await echoes(server, { bearer });
    expect(count(server, "initialize")).toBe(1);
    expect(count(server, "tools/call")).toBe(1);
    // It proves nothing about the account.
    expect(bearer.rejected).toEqual([]);
    expect(bearer.current).toBe("good");
  });

  test("that is never answered leads to initialize within 5 seconds, as does an endless stream", async () => {
    const silent = await start((seen) =>
      seen.method === "server/discover" ? new Promise<Response>(() => {}) : undefined,
    );
    const open = await start((seen) =>
      seen.method === "server/discover"
        ? new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } })
        : undefined,
    );
    const elapsed = startStopwatch();
    await Promise.all([echoes(silent), echoes(open)]);
    expect(elapsed()).toBeLessThan(12_000);
  });
});

describe("a server of 2026-07-28 that needs longer than 5 seconds", () => {
  const slowFor = (ms: number, slow: (nth: number) => boolean): Intercept => {
    let asked = 0;
    return async ({ method }) => {
      if (method === "server/discover" && slow(asked++)) await delay(ms);
      return undefined;
    };
  };
  const modern = async (intercept: Intercept) => {
    const server = await startMcpFixture({ speaks: "modern", intercept });
    closing.push(server.close);
    return server;
  };

  test("to start is called once it answers, by its answer to the first question", async () => {
    const server = await modern(slowFor(7_000, (nth) => nth === 0));
    await echoes(server);
    expect(count(server, "server/discover")).toBe(1);
    expect(count(server, "tools/call")).toBe(1);
  });

  test("for that question each time is called too", async () => {
    const server = await modern(slowFor(7_000, () => true));
    await echoes(server);
    expect(count(server, "tools/call")).toBe(1);
  });

  test("for everything is called too", async () => {
    const server = await modern(async () => {
      await delay(6_500);
      return undefined;
    });
    await echoes(server);
    expect(count(server, "tools/call")).toBe(1);
  });

  test("to refuse the question leads to initialize, whatever came of it", async () => {
    const server = await start(async (seen) => {
      if (seen.method !== "server/discover") return undefined;
      await delay(6_000);
      return json(404, failure(seen, -32601, "Method not found"));
    });
    await echoes(server);
    expect(count(server, "initialize")).toBe(1);
  });
});

describe("notifications/initialized", () => {
  test.each([
    ["400", () => new Response(null, { status: 400 })],
    ["401", () => new Response(null, { status: 401 })],
    ["404", () => new Response("Not found", { status: 404 })],
    ["405", () => new Response(null, { status: 405 })],
    ["500", () => json(500, { error: "boom" })],
    [
      "200 with an error",
      (seen: SeenRequest) => json(200, failure(seen, -32601, "Method not found")),
    ],
    ["a page", () => new Response("<html></html>", { headers: { "content-type": "text/html" } })],
    [
      "a stream that stays open",
      () =>
        new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } }),
    ],
  ])("answered by %s is not fatal", async (_name, answer) => {
    const server = await start((seen) =>
      seen.method === "notifications/initialized" ? answer(seen) : undefined,
    );
    await echoes(server);
    expect(count(server, "initialize")).toBe(1);
  });
});

// modelcontextprotocol/python-sdk#1676, anthropics/claude-code#55970
describe("a session that its server has forgotten", () => {
  test.each([
    ["404", () => new Response(null, { status: 404 })],
    ["404 with a page", () => new Response("<html>nginx</html>", { status: 404 })],
    ["410", () => new Response("Gone", { status: 410 })],
    [
      "400 that names it",
      (seen: SeenRequest) =>
        json(400, failure(seen, -32000, "Bad Request: No valid session ID provided")),
    ],
    ["400 without a body", () => new Response("", { status: 400 })],
    [
      "400 for the handshake",
      (seen: SeenRequest) =>
        json(400, failure(seen, -32000, "Bad Request: Server not initialized")),
    ],
    ["409", (seen: SeenRequest) => json(409, failure(seen, -32001, "Session expired"))],
    ["422", () => json(422, { detail: "session is gone" })],
    [
      "an error in a 200",
      (seen: SeenRequest) => json(200, failure(seen, -32001, "Session not found")),
    ],
    [
      "an error in a 200 without an id",
      (seen: SeenRequest) => json(200, failure(seen, -32600, "Session terminated", null)),
    ],
    // kenforthewin/atomic#193
    ["401 that names it", () => new Response("Unauthorized: Session not found", { status: 401 })],
    ["403 that names it", () => json(403, { error: "Unknown session id" })],
    // actionhero/keryx#503
    [
      "an error without a code",
      () =>
        new Response('event: message\ndata: {"error":"Session not found"}\n\n', {
          headers: { "content-type": "text/event-stream" },
        }),
    ],
  ])("as reported by %s, is reopened once, and the call runs once", async (_name, answer) => {
    let forgotten = "";
    const server = await start((seen) => {
      const session = seen.headers.get("mcp-session-id");
      return session !== null && session === forgotten ? answer(seen) : undefined;
    });
    const mcp = connections();
    const call = { name: "echo", input: { message: "hi" } };
    await mcp.callTool(httpTarget(server.url), call);
    forgotten = server.requests.at(-1)?.headers.get("mcp-session-id") ?? "";
    expect(forgotten).not.toBe("");

    const { content } = await mcp.callTool(httpTarget(server.url), call);
    expect(content).toEqual([{ type: "text", text: "hi" }]);
    expect(count(server, "initialize")).toBe(2);
    const calls = server.requests.filter(({ method }) => method === "tools/call");
    // The first, the refused one, and its replacement.
    expect(calls.map(({ headers }) => headers.get("mcp-session-id") === forgotten)).toEqual([
      true,
      true,
      false,
    ]);
  });

  // kenforthewin/atomic#193
  test("as reported by a 401, is reopened with the same token", async () => {
    let forgotten = "";
    const server = await start((seen) => {
      const session = seen.headers.get("mcp-session-id");
      if (session === null || session !== forgotten) return undefined;
      return new Response("Session expired or not found", {
        ...{ status: 401, headers: { "www-authenticate": 'Bearer realm="mcp"' } },
      });
    });
    const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });
    const target = httpTarget(server.url, { bearer });
    const mcp = connections();
    const call = { name: "echo", input: { message: "hi" } };
    await mcp.callTool(target, call);
    forgotten = server.requests.at(-1)?.headers.get("mcp-session-id") ?? "";
    await mcp.callTool(target, call);
    expect(count(server, "initialize")).toBe(2);
    expect({ ...bearer }).toMatchObject({ replaced: [], rejected: [] });
  });

  // aklivity/zilla#2525
  test("as reported in no words, is not used for the next call", async () => {
    let forgotten = "";
    const server = await start((seen) => {
      const isForgotten = forgotten !== "" && seen.headers.get("mcp-session-id") === forgotten;
      return isForgotten ? json(200, failure(seen, -32600, "Invalid Request", null)) : undefined;
    });
    const mcp = connections();
    const call = { name: "echo", input: { message: "hi" } };
    await mcp.callTool(httpTarget(server.url), call);
    forgotten = server.requests.at(-1)?.headers.get("mcp-session-id") ?? "";
    await expect(mcp.callTool(httpTarget(server.url), call)).rejects.toMatchObject({
      userMessage: "Fixture answered with an error: “Invalid Request”",
    });
    await mcp.callTool(httpTarget(server.url), call);
    expect(count(server, "tools/call")).toBe(3);
  });

  test.each([
    ["a tool's own session", 200, -32602, "The shopping session was not found"],
    ["another error", 200, -32603, "Internal error"],
    ["500", 500, -32603, "Session store is down"],
  ])("is not the same as %s: the call is not sent again", async (_name, status, code, message) => {
    const server = await start((seen) =>
      seen.method === "tools/call" ? json(status, failure(seen, code, message)) : undefined,
    );
    const call = { name: "echo", input: { message: "hi" } };
    await expect(connections().callTool(httpTarget(server.url), call)).rejects.toMatchObject({
      code: "mcp_server_error",
    });
    expect(count(server, "tools/call")).toBe(1);
  });
});

describe("an initialize that the server refuses for what it says", () => {
  type Params = { protocolVersion: string; capabilities: object };
  const paramsOf = ({ message }: SeenRequest) => message?.params as Params;
  const unknownField =
    'Unrecognized field "form" (class McpSchema$ClientCapabilities$Elicitation), not marked as ignorable';

  /** Like a server that knows these versions, or no fields of `elicitation`. */
  const strict =
    (accepts: (params: Params) => boolean, refusal: (seen: SeenRequest) => Response): Intercept =>
    (seen) =>
      seen.method === "initialize" && !accepts(paramsOf(seen)) ? refusal(seen) : undefined;
  const plain = ({ capabilities }: Params) => !JSON.stringify(capabilities).includes("form");
  const knows =
    (...versions: string[]) =>
    ({ protocolVersion }: Params) =>
      versions.includes(protocolVersion);

  test.each<[string, Intercept, string]>([
    [
      // modelcontextprotocol/java-sdk#724, scalameta/metals#8015, Graylog2/graylog2-server#25322
      "a field of a capability",
      strict(plain, (seen) => json(200, failure(seen, -32603, unknownField))),
      "2025-03-26",
    ],
    [
      // ahdis/matchbox#455
      "a field, with HTTP 400",
      strict(plain, (seen) => json(400, failure(seen, -32700, unknownField, null))),
      "2025-03-26",
    ],
    [
      // sickn33/agentic-awesome-skills#1003
      "a version, with its own in the data",
      strict(knows("2025-06-18"), (seen) => {
        const { error, ...rest } = failure(seen, -32602, "Unsupported protocol version");
        return json(200, { ...rest, error: { ...error, data: { expected: "2025-06-18" } } });
      }),
      "2025-06-18",
    ],
    [
      // feichai0017/NoKV#384, hkr04/cpp-mcp#10
      "a version, and names none",
      strict(knows("2024-11-05", "2025-03-26"), (seen) =>
        json(200, failure(seen, -32602, "Unsupported protocol version")),
      ),
      "2025-03-26",
    ],
    [
      "an MCP version",
      strict(knows("2025-03-26"), (seen) =>
        json(200, failure(seen, -32602, "Unsupported MCP version: 2025-11-25")),
      ),
      "2025-03-26",
    ],
    [
      // xpzouying/xiaohongshu-mcp#697
      "a version, with HTTP 400 and text",
      strict(
        knows("2024-11-05"),
        () =>
          new Response(
            "Bad Request: Unsupported protocol version (supported versions: 2024-11-05)",
            {
              status: 400,
            },
          ),
      ),
      "2024-11-05",
    ],
    [
      // HarperFast/harper#1611
      "the missing header of the version",
      (seen) =>
        seen.method === "initialize" && !seen.headers.has("mcp-protocol-version")
          ? new Response("Missing MCP-Protocol-Version header", { status: 400 })
          : undefined,
      "2025-06-18",
    ],
  ])("such as %s, is made once more in an older form", async (_name, intercept, version) => {
    const server = await start(intercept);
    await echoes(server);
    const handshakes = server.requests.filter(({ method }) => method === "initialize");
    expect(handshakes.map((seen) => paramsOf(seen).protocolVersion)).toEqual([
      "2025-11-25",
      version,
    ]);
    expect(handshakes.map((seen) => paramsOf(seen).capabilities)).toEqual([
      { elicitation: { form: {}, url: {} } },
      {},
    ]);
    expect(count(server, "tools/call")).toBe(1);
  });

  test("is told in the words of the first refusal if that does not help", async () => {
    const server = await start(
      strict(
        () => false,
        (seen) =>
          json(200, failure(seen, -32603, plain(paramsOf(seen)) ? "Something else" : unknownField)),
      ),
    );
    const call = { name: "echo", input: { message: "hi" } };
    await expect(connections().callTool(httpTarget(server.url), call)).rejects.toMatchObject({
      userMessage: expect.stringContaining("Unrecognized field"),
    });
    expect(count(server, "initialize")).toBe(2);
  });

  test.each([
    ["the account", 403, -32603, "This capability is not for you"],
    ["an unknown reason", 200, -32603, "Internal error"],
  ])("is not made in an older form for %s", async (_name, status, code, message) => {
    const server = await start((seen) =>
      seen.method === "initialize" ? json(status, failure(seen, code, message)) : undefined,
    );
    const call = { name: "echo", input: { message: "hi" } };
    await expect(connections().callTool(httpTarget(server.url), call)).rejects.toMatchObject({
      code: "mcp_server_error",
    });
    const handshakes = server.requests.filter(({ method }) => method === "initialize");
    const versions = handshakes.map((seen) => paramsOf(seen).protocolVersion);
    expect(new Set(versions)).toEqual(new Set(["2025-11-25"]));
  });
});

// A JSON-RPC service of another kind, or a gateway's wrong path.
describe("an initialize that its server does not know", () => {
  test.each([
    [200, -32601, "Method not found"],
    [404, -32601, "Unknown method: initialize"],
    [200, -32600, "The method initialize does not exist/is not available"],
    [400, -32603, "Unsupported method 'initialize'"],
  ])("is told as no MCP server (%i, %i %s)", async (status, code, message) => {
    const server = await start((seen) => json(status, failure(seen, code, message)));
    const call = { name: "echo", input: { message: "hi" } };
    await expect(connections().callTool(httpTarget(server.url), call)).rejects.toMatchObject({
      name: "McpServerError",
      userMessage: `Fixture answered, but it does not know how an MCP connection begins. Check the URL, or ask its operator. It said: “${message}”`,
    });
  });

  // ramimbo/mergework#848
  test.each([
    ["/rpc", "Check the URL; many servers end in /mcp."],
    ["/mcp/", "Check the URL, or ask its operator."],
  ])("at %s is told with advice that can be followed", async (path, advice) => {
    const server = await start((seen) => json(200, failure(seen, -32601, "unknown method")));
    const told = connections().readCatalogue(httpTarget(new URL(path, server.url).href));
    await expect(told).rejects.toMatchObject({ userMessage: expect.stringContaining(advice) });
  });

  test("is told with the server's words where it refuses for another reason", async () => {
    const words = "Too many sessions for this workspace";
    const server = await start((seen) => json(200, failure(seen, -32000, words)));
    const told = connections().readCatalogue(httpTarget(server.url));
    await expect(told).rejects.toMatchObject({
      name: "McpServerError",
      userMessage: `Fixture refused to begin a connection. It said: “${words}”`,
    });
  });
});

describe("an answer to initialize", () => {
  const info = { name: "Odd", version: "1" };
  const answer = (value: object) =>
    start(({ method, message }) => {
      const result = method === "initialize" ? value : { tools: [] };
      const isAsked = method === "initialize" || method === "tools/list";
      return isAsked ? json(200, { jsonrpc: "2.0", id: message?.id, result }) : undefined;
    });
  const read = async (value: object) =>
    (await connections().readCatalogue(httpTarget((await answer(value)).url))).serverInfo;

  test.each([
    ["2025-11-25-draft", "2025-11-25"],
    ["2025-06-18T00:00:00Z", "2025-06-18"],
    ["2025/03/26", "2025-03-26"],
    [20250618, "2025-06-18"],
    [" 2024-11-05 ", "2024-11-05"],
    ["DRAFT-2026-v1", "2025-11-25"],
  ])("with the version %j continues with %s", async (protocolVersion, spoken) => {
    const told = await read({ protocolVersion, capabilities: [], serverInfo: info });
    expect(told).toMatchObject({ protocolVersion: spoken, name: "Odd" });
  });

  test("with a version that Usher does not speak names it", async () => {
    const server = await answer({ protocolVersion: "2031-01-01", serverInfo: info });
    const told = connections().readCatalogue(httpTarget(server.url));
    await expect(told).rejects.toMatchObject({
      userMessage: "Fixture and Usher have no version of MCP in common. It speaks: 2031-01-01.",
    });
  });

  test("in Python's names, or with its name alone, is read", async () => {
    const own = {
      protocol_version: "2025-06-18",
      server_info: info,
      instructions: ["One.", "Two."],
    };
    expect(await read(own)).toMatchObject({
      ...{ protocolVersion: "2025-06-18", name: "Odd", instructions: "One.\nTwo." },
    });
    expect(await read({ serverInfo: "Odd" })).toMatchObject({ name: "Odd" });
  });
});

describe("an answer to server/discover", () => {
  const good = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } };
  test.each<[string, object]>([
    ["without capabilities", { capabilities: undefined }],
    ["with null for optional fields", { capabilities: null, instructions: null }],
    // logiscape/mcp-sdk-php#1
    [
      "with PHP's empty objects",
      { capabilities: { tools: [], extensions: [], experimental: null } },
    ],
    ["with yes for a capability", { capabilities: { tools: true, tasks: true } }],
    ["with its version alone", { supportedVersions: "2026-07-28" }],
    [
      "with odd versions among its own",
      { supportedVersions: [null, 5, "2026-07-28", "2031-01-01"] },
    ],
  ])("%s is taken as one", async (_name, odd) => {
    const server = await startMcpFixture({
      speaks: "modern",
      intercept: ({ method, message }) =>
        method === "server/discover"
          ? json(200, { jsonrpc: "2.0", id: message?.id, result: { ...good, ...odd } })
          : undefined,
    });
    closing.push(server.close);
    await echoes(server);
    expect(server.methods()).not.toContain("initialize");
  });
});
