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
const refusal = ({ message }: SeenRequest, code: number, words: string, data?: object) =>
  Response.json(
    { jsonrpc: "2.0", id: message?.id, error: { code, message: words, ...(data && { data }) } },
    { status: 400 },
  );
const isModern = ({ headers }: SeenRequest) => headers.get("mcp-protocol-version") === "2026-07-28";
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

describe("a gateway that answers server/discover itself", () => {
  // agentgateway/agentgateway#2982
  test.each<[string, (seen: SeenRequest) => Response]>([
    ["an error", (seen) => refusal(seen, -32600, "Bad Request: Missing session ID")],
    ["a text", () => new Response("Missing session ID", { status: 400 })],
  ])(
    "is spoken to with the handshake if what is behind it asks for a session by %s",
    async (_name, refuse) => {
      const { call, count } = await server("sessions", (seen) => {
        if (seen.method === "server/discover") return answer(seen, discovered);
        return isModern(seen) ? refuse(seen) : undefined;
      });
      expect(await call()).toMatchObject(hi);
      expect(await call()).toMatchObject(hi);
      expect(count("initialize")).toBe(1);
    },
  );
});

describe("a server that speaks another version than before", () => {
  const older = { supported: ["2025-11-25"], requested: "2026-07-28" };
  // googleapis/mcp-toolbox-sdk-go#305, newo-ether/Agora#78
  test.each<[string, (seen: SeenRequest) => Response]>([
    ["its error", (seen) => refusal(seen, -32022, "Unsupported protocol version", older)],
    [
      "the error of a draft",
      (seen) => refusal(seen, -32004, "Unsupported protocol version", older),
    ],
    [
      "words",
      (seen) =>
        refusal(
          seen,
          -32000,
          "Bad Request: Unsupported protocol version: 2026-07-28 (supported versions: 2025-11-25)",
        ),
    ],
  ])("is called over the older handshake after %s", async (_name, refuse) => {
    let rolledBack = false;
    const { call, count } = await server("both", (seen) =>
      rolledBack && isModern(seen) ? refuse(seen) : undefined,
    );
    await call();
    rolledBack = true;
    expect(await call()).toMatchObject(hi);
    expect(count("tools/call")).toBe(3);
  });

  test("is asked again if it gave up sessions", async () => {
    let newer = false;
    const { call, count } = await server("both", (seen) => {
      const unknown = seen.method === "server/discover" ? refusal(seen, -32601, "?") : undefined;
      if (!newer) return unknown;
      const data = { supported: ["2026-07-28"], requested: "2025-11-25" };
      return isModern(seen) ? undefined : refusal(seen, -32022, "Unsupported version", data);
    });
    await call();
    newer = true;
    expect(await call()).toMatchObject(hi);
    expect(count("tools/call")).toBe(3);
  });

  test("on one of its replicas answers each call", async () => {
    let requests = 0;
    const { call } = await server("both", (seen) =>
      isModern(seen) && requests++ % 2 === 1
        ? refusal(seen, -32022, "Unsupported protocol version", older)
        : undefined,
    );
    for (let count = 0; count < 4; count += 1) expect(await call()).toMatchObject(hi);
  });
});

describe("a server that misses a header", () => {
  const missing = "Header mismatch: missing required Mcp-Name header";
  const inputSchema = { type: "object", properties: { message: { type: "string" } } };

  // n8n-io/n8n-docs#5222
  test("which a proxy drops is called over the older handshake, if it has that", async () => {
    const { call } = await server("both", (seen) =>
      isModern(seen) && seen.method === "tools/call" ? refusal(seen, -32020, missing) : undefined,
    );
    expect(await call()).toMatchObject(hi);
  });

  test("which a proxy drops is quoted otherwise, and not as one that may have run the call", async () => {
    const { call } = await server("modern", (seen) =>
      seen.method === "tools/call" ? refusal(seen, -32020, missing) : undefined,
    );
    const told = await call().catch((error) => error.userMessage);
    expect(told).toContain(missing);
    expect(told).not.toContain("may have run");
  });

  // zonlabs/mcp-ts#184, topcheer/ggcode#2498
  test.each([-32020, -32001])(
    "since its tool changed (%i) is asked for the tool, and called once more",
    async (code) => {
      let changed = 0;
      const header = { type: "string", "x-mcp-header": "Message" };
      const listed = {
        name: "echo",
        inputSchema: { type: "object", properties: { message: header } },
      };
      const { call, fixture, count } = await server(
        "modern",
        (seen) => {
          if (seen.method === "tools/list") return answer(seen, { tools: [listed] });
          if (seen.method !== "tools/call") return undefined;
          return seen.headers.has("mcp-param-message")
            ? answer(seen, hi)
            : refusal(seen, code, "header mismatch: missing Mcp-Param-Message header");
        },
        { onToolsChanged: () => (changed += 1) },
      );
      expect(await call({ inputSchema })).toMatchObject(hi);
      expect(count("tools/call")).toBe(2);
      expect(fixture.requests.at(-1)?.headers.get("mcp-param-message")).toBe("hi");
      expect(changed).toBe(1);
    },
  );
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
    // anthropics/claude-code#88128, gensecaihq/Wazuh-MCP-Server#121, jdevalk/specification.website#186
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
