import { describe, expect, test } from "vitest";
import { outputText, toErrorText, toToolCallOutput } from "@/lib/chat/tool-calls/tool-result";
import { createToolbox } from "@/lib/chat/tool-calls/toolbox";
import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixtureOptions,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

type Answer = NonNullable<McpFixtureOptions["intercept"]>;

/** A real server that answers some requests differently. */
async function server(intercept: Answer) {
  const fixture = await startMcpFixture({ speaks: "sessions", intercept });
  closing.push(fixture.close);
  const mcp = fixtureConnections();
  closing.push(mcp.close);
  const target = httpTarget(fixture.url);
  return {
    fixture,
    read: () => mcp.readCatalogue(target),
    call: (input: object = { message: "hi" }) => mcp.callTool(target, { name: "echo", input }),
  };
}

function result(id: unknown, value: object): Response {
  return Response.json({ jsonrpc: "2.0", id, result: value });
}

/** The pages of `tools/list`, by the requested cursor. */
function pages(page: (cursor: unknown) => object): Answer {
  return ({ method, message }) =>
    method === "tools/list" ? result(message?.id, page(message?.params?.cursor)) : undefined;
}

/** What `tools/call` answers. */
function answering(value: object): Answer {
  return ({ method, message }) =>
    method === "tools/call" ? result(message?.id, value) : undefined;
}

function tool(name: string, inputSchema: unknown = { type: "object" }) {
  return { name, inputSchema };
}

describe("a list of tools", () => {
  // elementor/elementor#37327
  test.each([
    ["at the top", { type: "object", properties: [] }],
    ["inside", { type: "object", properties: { filter: { type: "object", properties: [] } } }],
  ])("with properties as a list %s keeps the tool", async (_, schema) => {
    const { read } = await server(pages(() => ({ tools: [tool("odd", schema), tool("good")] })));
    expect((await read()).tools.map(({ name }) => name)).toEqual(["odd", "good"]);
  });

  // gensecaihq/Wazuh-MCP-Server#75, modelcontextprotocol/java-sdk#575, MCPJam/inspector#4462
  test.each([
    ["null", null, 1],
    ["an endless empty string", "", 2],
    ["the same string forever", "more", 2],
  ])("ends where the next cursor is %s", async (_, nextCursor, asked) => {
    const { read, fixture } = await server(pages(() => ({ tools: [tool("good")], nextCursor })));
    expect((await read()).tools.map(({ name }) => name)).toEqual(["good"]);
    expect(fixture.methods().filter((method) => method === "tools/list")).toHaveLength(asked);
  });

  test("continues where an empty cursor leads to another page", async () => {
    const { read } = await server(
      pages((cursor) =>
        cursor === undefined
          ? { tools: [tool("one")], nextCursor: "" }
          : { tools: [tool("two")], nextCursor: null },
      ),
    );
    expect((await read()).tools.map(({ name }) => name)).toEqual(["one", "two"]);
  });

  const second = { status: 200, headers: { "content-type": "application/json" } };
  const error = (code: number) =>
    JSON.stringify({ jsonrpc: "2.0", id: 0, error: { code, message: "No such page" } });
  test.each([
    ["with another error", error(-32603), second],
    ["with a status", "No such page", { status: 400 }],
    ["without an answer that can be read", '{"detail":"No such page"}', second],
  ])("whose second page is refused %s keeps the first, and says so", async (_, body, init) => {
    const { read } = await server((seen, request) =>
      seen.message?.params?.cursor === "2"
        ? new Response(body, init)
        : pages(() => ({ tools: [tool("one")], nextCursor: "2" }))(seen, request),
    );
    const { tools, leftOut } = await read();
    expect(tools.map(({ name }) => name)).toEqual(["one"]);
    expect(leftOut).toEqual([
      { name: "The rest of the list", reason: expect.stringContaining("“No such page”") },
    ]);
  });

  test.each<[string, object]>([
    ["as JSON in a text", { tools: JSON.stringify([tool("one")]) }],
    ["as a list in a list", { tools: { tools: [tool("one")] } }],
    ["in the form of a model's request", { tools: [{ type: "function", function: tool("one") }] }],
    ["with an empty text as its schema", { tools: [{ name: "one", inputSchema: "" }] }],
  ])("that comes %s is read", async (_, listed) => {
    const { read } = await server(pages(() => listed));
    expect(await read()).toMatchObject({ tools: [{ name: "one" }], leftOut: [] });
  });

  test("goes on at a cursor in Python's spelling", async () => {
    const { read } = await server(
      pages((cursor) =>
        cursor === "2" ? { tools: [tool("two")] } : { tools: [tool("one")], next_cursor: 2 },
      ),
    );
    expect((await read()).tools).toHaveLength(2);
  });

  // modelcontextprotocol/python-sdk#3332
  test("of thousands names what is beyond the limit in one entry", async () => {
    const tools = Array.from({ length: 5_000 }, (_, at) => tool(`t${at}`));
    const { leftOut } = await (await server(pages(() => ({ tools })))).read();
    expect(leftOut).toEqual([
      { name: "t1000 and 3,999 more after it", reason: "Usher takes 1,000 tools of a server." },
    ]);
  });

  test("with a description in lines keeps them", async () => {
    const { read } = await server(
      pages(() => ({ tools: [{ ...tool("one"), description: ["First.", "Second."] }] })),
    );
    expect((await read()).tools[0]?.description).toBe("First.\nSecond.");
  });
});

// MarlBurroW/kinbot#99, CherryHQ/cherry-studio#18202
test("tools whose names sanitize to the same text, or to nothing, each get a unique name", () => {
  const names = ["create_issue", "create.issue", "create/issue", "查询天气", "my tool", "7z"];
  const catalogue = names.map(
    (name): CatalogueTool => ({
      ...{ name, title: null, description: null, annotations: {} },
      inputSchema: { type: "object" },
    }),
  );
  const servers = ["数据库", "データ", "GitHub", "git hub!", "1Password"];
  const toolbox = createToolbox(
    servers.map((serverName, index) => ({
      ...{ serverId: `server-${index}`, serverName, allTools: true, toolNames: [], catalogue },
      decisions: { toolsAcceptedAt: null, tools: [] },
    })),
  );
  expect(toolbox.tools).toHaveLength(names.length * servers.length);
  expect(new Set(toolbox.tools.map(({ name }) => name)).size).toBe(toolbox.tools.length);
  for (const { name, serverId, toolName } of toolbox.tools) {
    expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/);
    expect(toolbox.byName(name)).toMatchObject({ serverId, toolName });
  }
});

describe("a server", () => {
  // QwenLM/qwen-code#8784
  test.each([401, 403, 404, 405, 500])("that answers GET with %i still works", async (status) => {
    const { call } = await server(({ httpMethod }) =>
      httpMethod === "GET" ? new Response(null, { status }) : undefined,
    );
    expect(await call()).toMatchObject({ content: [{ text: "hi" }], isError: false });
  });
});

const halfPair = /\p{Surrogate}/u;

describe("a tool's answer", () => {
  const seen = async (value: object) => {
    const { call } = await server(answering(value));
    return call();
  };
  const forModel = async (value: object) => outputText(toToolCallOutput(await seen(value)));

  // seuros/action_mcp#181
  test("with structured content only reaches the model", async () => {
    const structuredContent = { total: 2, ids: ["a", "b"] };
    expect(await forModel({ content: [], structuredContent })).toBe(
      JSON.stringify(structuredContent),
    );
    expect(await forModel({ structuredContent })).toBe(JSON.stringify(structuredContent));
  });

  test("with the same content as text and as structure is passed on once", async () => {
    const text = '{\n  "b": 1,\n  "a": 2\n}';
    expect(
      await forModel({ content: [{ type: "text", text }], structuredContent: { a: 2, b: 1 } }),
    ).toBe(text);
  });

  // PrefectHQ/fastmcp and others wrap what is no object in `result`.
  test.each<[string, string[], unknown, string]>([
    ["a text", ["42 degrees"], "42 degrees", "42 degrees"],
    ["a number", ["42"], 42, "42"],
    ["a list in parts", ["a", "b"], ["a", "b"], "a\nb"],
    ["a list of objects in parts", ['{ "id": 1 }'], [{ id: 1 }], '{ "id": 1 }'],
  ])(
    "with %s that is wrapped for the structure is passed on once",
    async (_name, parts, result, told) => {
      const content = parts.map((text) => ({ type: "text", text }));
      expect(await forModel({ content, structuredContent: { result } })).toBe(told);
    },
  );

  test.each<[string, object, string]>([
    ["another result in the structure", { result: 4 }, 'Found 4 of 14\n{"result":4}'],
    ["more in the structure", { total: 14 }, 'Found 4 of 14\n{"total":14}'],
  ])("with %s keeps both", async (_name, structuredContent, told) => {
    const content = [{ type: "text", text: "Found 4 of 14" }];
    expect(await forModel({ content, structuredContent })).toBe(told);
  });

  test.each<[string, object]>([
    ["blank content", { content: [{ type: "text", text: "" }], error: "Quota exceeded" }],
    [
      "a general text",
      { content: [{ type: "text", text: "Failed" }], error: { message: "Quota exceeded" } },
    ],
  ])("that failed gives its reason, if that stands beside %s", async (_name, value) => {
    expect(toErrorText(await seen({ isError: true, ...value }))).toContain("Quota exceeded");
  });

  // modelcontextprotocol/go-sdk#755, modelcontextprotocol/typescript-sdk#2782
  test.each<[string, object]>([
    ["a task's handle", { resultType: "task", taskId: "t", pollIntervalMs: 500 }],
    ["a task beside empty content", { content: [], task: { taskId: "t" } }],
    ["a task that ends", { taskId: "t", status: "working", ttl: 60_000 }],
  ])("that is %s is told as one", async (_name, value) => {
    expect(await forModel(value)).toContain("as a task in the background");
  });

  const png = Buffer.from("89504e470d0a1a0a00", "hex").toString("base64");
  test.each<[string, unknown, object]>([
    [
      "Go's empty text beside a file's data",
      [{ type: "resource", resource: { uri: "a:b", mimeType: "image/png", text: "", blob: png } }],
      [{ resource: { blob: png } }],
    ],
    [
      "PHP's object in place of a list",
      { "1": { type: "text", text: "a" }, "3": { type: "text", text: "b" } },
      [{ text: "a" }, { text: "b" }],
    ],
    [
      "a file that is its address",
      [{ type: "resource", resource: "file:///a" }],
      [{ type: "resource_link", uri: "file:///a" }],
    ],
    [
      "a drawing in a data URL without base64",
      [{ type: "image", data: "data:image/svg+xml;utf8,<svg/>", mimeType: "image/svg+xml" }],
      [{ type: "text", text: "<svg/>" }],
    ],
    [
      "a text file in the charset that it names",
      [
        {
          type: "resource",
          resource: { uri: "a:b", mimeType: "text/csv; charset=iso-8859-1", blob: "Q2Fm6Q==" },
        },
      ],
      [{ resource: { text: "Café" } }],
    ],
    [
      "a link by href",
      [{ type: "link", href: "https://a.example/x", name: "X" }],
      [{ uri: "https://a.example/x" }],
    ],
  ])("with %s keeps what it is about", async (_name, content, read) => {
    expect(await seen({ content })).toMatchObject({ content: read });
  });

  // charmbracelet/crush#3480
  test("that is too large is truncated and says so, as text and as structure", async () => {
    const long = "é".repeat(700_000);
    const text = await seen({ content: [{ type: "text", text: long }] });
    expect(text.truncated).toBe(true);
    expect(JSON.stringify(text.content)).toMatch(/Cut here by Usher/);
    const structured = await seen({ content: [], structuredContent: { long } });
    expect(structured.truncated).toBe(true);
    expect(String(structured.structuredContent)).toMatch(/^\{"long":"é+[\s\S]*Cut here by Usher/);
  });

  // elizaOS/eliza#23686
  test.each([0, 1, 2, 3])("is never cut within a character (%i bytes before)", async (shift) => {
    const long = "x".repeat(shift) + "😀".repeat(300_000);
    const text = JSON.stringify((await seen({ content: [{ type: "text", text: long }] })).content);
    expect(text).not.toMatch(halfPair);
    expect(text).not.toContain("\ufffd");
    const stored = toToolCallOutput(await seen({ content: [{ type: "text", text: long }] }));
    expect(outputText(stored)).not.toMatch(halfPair);
  });

  // microsoft/playwright-mcp#1410
  test("with a lone surrogate or NUL keeps the rest of its text", async () => {
    const { content } = await seen({ content: [{ type: "text", text: "a\ud83db\u0000c" }] });
    const text = content[0]?.type === "text" ? content[0].text : "";
    expect(text).not.toMatch(halfPair);
    expect(text).toMatch(/^a.?b[\s\S]?c$/u);
  });

  // danny-avila/LibreChat#15601, github/copilot-cli#4916
  test.each([
    ["text/csv", "a,b\n1,2"],
    ["application/json", '{"a":1}'],
    ["application/vnd.api+json; charset=utf-8", '{"b":2}'],
    ["image/svg+xml", "<svg/>"],
  ])("with a file of %s as a blob is text for the model", async (mimeType, words) => {
    const blob = Buffer.from(words).toString("base64");
    const resource = { uri: "file:///report", mimeType, blob };
    const told = await forModel({ content: [{ type: "resource", resource }] });
    expect(told).toContain(words);
    expect(told).toContain("file:///report");
  });

  // github/copilot-cli#4536
  test("with an image gives its type and size in words, where the model cannot see images", async () => {
    const data = Buffer.from("89504e470d0a1a0a".repeat(200), "hex").toString("base64");
    const told = await forModel({ content: [{ type: "image", data, mimeType: "image/png" }] });
    expect(told).toMatch(/image, image\/png, 2 KiB/);
    expect(told).not.toContain(data.slice(0, 40));
  });
});
