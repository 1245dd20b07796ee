import type { RequestId } from "@modelcontextprotocol/client";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAnswer, readMessage } from "@/lib/mcp/reading/message";
import { readToolList } from "@/lib/mcp/reading/tool-list";
import { toolResult } from "@/lib/mcp/tool-result";

const awaited = (method: string, id: RequestId = 3) => ({ id, method, modern: false });
const anything = () => fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
const runs = { numRuns: 2_000 };

describe("any JSON that a server may send,", () => {
  test("as a list of tools, loses no good tool and throws nothing", () => {
    fc.assert(
      fc.property(fc.array(anything()), fc.array(anything()), (before, after) => {
        const good = { name: "good.tool-of-the-test", inputSchema: { type: "object" } };
        const { tools } = readToolList([...before, good, ...after]);
        expect(tools.find(({ name }) => name === good.name)?.inputSchema).toEqual({
          type: "object",
        });
      }),
      runs,
    );
  });

  test("with the names of a tool's fields, loses no good tool either", () => {
    const odd = fc.dictionary(
      fc.constantFrom("name", "title", "description", "inputSchema", "annotations"),
      anything(),
    );
    fc.assert(
      fc.property(fc.uniqueArray(odd, { selector: JSON.stringify }), (entries) => {
        const { tools, leftOut } = readToolList([...entries, { name: "good tool" }]);
        expect(tools.at(-1)?.name).toBe("good tool");
        expect(tools.length + leftOut.filter(({ kept }) => !kept).length).toBe(entries.length + 1);
      }),
      runs,
    );
  });

  test("as a tool's answer, keeps its readable text and throws nothing", () => {
    const parts = fc.array(
      fc.oneof(
        anything(),
        fc.record({
          type: fc.constantFrom("text", "image", "audio", "resource", "resource_link", "video"),
          text: anything(),
          data: anything(),
          mimeType: anything(),
          resource: anything(),
        }),
      ),
    );
    fc.assert(
      fc.property(parts, anything(), anything(), (odd, structuredContent, isError) => {
        const text = { type: "text", text: "the readable part" };
        const result = toolResult({ content: [...odd, text], structuredContent, isError });
        expect(result.content.at(-1)).toEqual(text);
        expect(result.content).toHaveLength(odd.flat(2).length + 1);
      }),
      runs,
    );
  });

  test("as a message, throws nothing, and only JSON-RPC is passed on", () => {
    const envelope = fc.dictionary(
      fc.constantFrom("jsonrpc", "id", "method", "params", "result", "error"),
      anything(),
    );
    const method = fc.constantFrom("initialize", "tools/list", "tools/call", "server/discover");
    fc.assert(
      fc.property(fc.oneof(anything(), envelope), method, fc.boolean(), (value, name, alone) => {
        const message = readMessage(value, awaited(name), alone);
        if (message === null) return;
        expect(message.jsonrpc).toBe("2.0");
        if ("error" in message) expect(Number.isSafeInteger(message.error.code)).toBe(true);
        if ("result" in message) expect(message.result).toBeTypeOf("object");
      }),
      runs,
    );
  });
});

describe("a message that deviates slightly from JSON-RPC", () => {
  test.each([
    ["an id as text", { jsonrpc: "2.0", id: "3", result: { ok: 1 } }],
    ["no id", { jsonrpc: "2.0", result: { ok: 1 } }],
    ["no version", { id: 3, result: { ok: 1 } }],
    ["a null error beside it", { jsonrpc: "2.0", id: 3, result: { ok: 1 }, error: null }],
    ["an empty error beside it", { id: 3, result: { ok: 1 }, error: {} }],
    [
      "an error of nothing beside it",
      { id: 3, result: { ok: 1 }, error: { code: 0, message: "" } },
    ],
    ["a method beside it", { jsonrpc: "2.0", id: 3, method: "tools/call", result: { ok: 1 } }],
    ["null _meta", { jsonrpc: "2.0", id: 3, result: { ok: 1, _meta: null } }],
  ])("with %s is read as the result it is", (_name, value) => {
    expect(readMessage(value, awaited("tools/call"))).toEqual({
      jsonrpc: "2.0",
      id: 3,
      result: { ok: 1 },
    });
  });

  // mark3labs/mcp-go#201, helidon-io/helidon-mcp#65
  test.each([
    ["a null id", { jsonrpc: "2.0", id: null, error: { code: -32603, message: "Down" } }],
    ["no code", { jsonrpc: "2.0", id: 3, error: { message: "Down" } }],
    ["a code as text", { id: 3, error: { code: "-32603", message: "Down" } }],
    ["a text in place of the error", { id: 3, error: "Down" }],
    ["its words in `detail`", { id: 3, error: { detail: "Down" } }],
    ["its words in `msg`", { id: 3, error: { msg: "Down" } }],
    ["an error in the error", { id: 3, error: { code: -32603, error: { message: "Down" } } }],
    ["its words in an object", { id: 3, error: { message: { text: 1, detail: "Down" } } }],
    ["a list of errors", { id: 3, error: [{ message: "Down" }] }],
    ["its words in `data`", { id: 3, error: { code: -32603, data: "Down" } }],
  ])("as an error with %s gives the server's reason", (_name, value) => {
    expect(readMessage(value, awaited("tools/call"))).toMatchObject({
      id: 3,
      error: { message: "Down" },
    });
  });

  test("is read as the handshake's answer with null for optional fields", () => {
    const result = {
      protocolVersion: null,
      capabilities: { tools: null, logging: { level: "x" }, prompts: true, experimental: 3 },
      serverInfo: null,
      instructions: null,
    };
    expect(readMessage({ id: 3, result }, awaited("initialize"))).toMatchObject({
      result: {
        protocolVersion: "2025-11-25",
        capabilities: { logging: {}, prompts: {} },
        serverInfo: { name: "", version: "" },
      },
    });
  });

  test.each([
    ["2025-04-01", "2025-03-26"],
    ["1.0", "2025-11-25"],
    ["2020-01-01", "2024-10-07"],
    ["2999-01-01", "2999-01-01"],
  ])("that names the version %s continues with %s", (protocolVersion, spoken) => {
    const result = { protocolVersion, capabilities: {}, serverInfo: { name: "x", version: 1 } };
    expect(readMessage({ id: 3, result }, awaited("initialize"))).toMatchObject({
      result: { protocolVersion: spoken, serverInfo: { name: "x", version: "1" } },
    });
  });

  test("without an envelope, alone in a response, is the result", () => {
    const bare = { content: [{ type: "text", text: "hi" }] };
    expect(readMessage(bare, awaited("tools/call"), true)).toMatchObject({ id: 3, result: bare });
    expect(readMessage(bare, awaited("tools/call"))).toBeNull();
    expect(readMessage({ hello: "world" }, awaited("tools/call"), true)).toBeNull();
  });

  // SciPhi-AI/R2R#1264
  test("with a lone surrogate is repaired", () => {
    expect(parseAnswer('{"a":"bad \\ud83d end","ok":"\\ud83d\\ude00"}')).toEqual({
      a: "bad \ufffd end",
      ok: "😀",
    });
  });
});

describe("a tool's answer that deviates slightly from MCP", () => {
  const png = "iVBORw0KGgo=";
  const gif = "R0lGODlhAQABAAAAACw=";
  // use-agent-os/agent-os#2020
  test.each([
    ["null content", { content: null, structuredContent: { a: 1 } }, []],
    ["a text for content", { content: "hi" }, [{ type: "text", text: "hi" }]],
    [
      "one part for content",
      { content: { type: "text", text: "hi" } },
      [{ type: "text", text: "hi" }],
    ],
    ["a text among the parts", { content: ["hi"] }, [{ type: "text", text: "hi" }]],
    ["a number as text", { content: [{ type: "text", text: 7 }] }, [{ type: "text", text: "7" }]],
    [
      "an image without a type",
      { content: [{ type: "image", data: png }] },
      [{ type: "image", data: png, mimeType: "image/png" }],
    ],
    [
      "an image as a data URL",
      { content: [{ type: "image", data: `data:image/gif;base64,${gif}`, mimeType: "image/png" }] },
      [{ type: "image", data: gif, mimeType: "image/gif" }],
    ],
    [
      "a part of another kind",
      { content: [{ type: "video", data: "AAAA", mimeType: "video/mp4" }] },
      [
        {
          type: "text",
          text: "[Usher: a part of the kind “video”, video/mp4, 3 bytes stands here, which cannot be read.]",
        },
      ],
    ],
    [
      "a text file as a blob",
      {
        content: [
          { type: "resource", resource: { uri: "a:n.txt", mimeType: "text/plain", blob: "xbw=" } },
        ],
      },
      [{ type: "resource", resource: { uri: "a:n.txt", mimeType: "text/plain", text: "ż" } }],
    ],
    [
      // ElliotPadfield/unpaywall-mcp#4
      "a part of JSON",
      { content: [{ type: "json", json: { doi: "10.1/a", free: true } }] },
      [{ type: "text", text: '{"doi":"10.1/a","free":true}' }],
    ],
    [
      "a part named by its type",
      { content: [{ type: "application/json", content: "[1]" }] },
      [{ type: "text", text: "[1]" }],
    ],
    [
      // modelcontextprotocol/servers#4044
      "an image as a file",
      { content: [{ type: "blob", data: png, mimeType: "image/png" }] },
      [{ type: "image", data: png, mimeType: "image/png" }],
    ],
    [
      "a text file as a file",
      { content: [{ type: "blob", data: "aGk=", mimeType: "text/plain", uri: "a:n" }] },
      [{ type: "resource", resource: { uri: "a:n", mimeType: "text/plain", text: "hi" } }],
    ],
    [
      "another file",
      { content: [{ type: "blob", data: "AAAA", mimeType: "application/pdf", pages: 2 }] },
      [
        {
          type: "text",
          text: '{"pages":2}\n[Usher: a part of the kind “blob”, application/pdf, 3 bytes stands here, which cannot be read.]',
        },
      ],
    ],
    // Tools that return their own rows where parts should be.
    ["a row", { content: [{ count: 5 }] }, [{ type: "text", text: '{"count":5}' }]],
    [
      "a row with a field called data",
      { content: [{ id: 1, data: "hello" }] },
      [{ type: "text", text: '{"id":1,"data":"hello"}' }],
    ],
    [
      "rows with the names of a part's fields",
      {
        content: [
          { name: "Ada", count: 5 },
          { title: "T", uri: "a:n" },
        ],
      },
      [
        { type: "text", text: '{"name":"Ada","count":5}' },
        { type: "text", text: '{"title":"T","uri":"a:n"}' },
      ],
    ],
    [
      "a row with a text",
      { content: [{ id: 7, text: "Hello", title: "T" }] },
      [{ type: "text", text: 'Hello\n{"id":7,"title":"T"}' }],
    ],
    ["an object for content", { content: { a: 1 } }, [{ type: "text", text: '{"a":1}' }]],
    ["an object as the older name", { toolResult: { a: 1 } }, [{ type: "text", text: '{"a":1}' }]],
    [
      "a row with its own type",
      { content: [{ type: "row", total: "5" }] },
      [{ type: "text", text: '{"total":"5"}' }],
    ],
    [
      "a part named by its kind",
      { content: [{ type: "markdown", markdown: "# hi" }] },
      [{ type: "text", text: "# hi" }],
    ],
    [
      // anthropics/claude-code#12009, llmsresearch/paperbanana#58, shaun0927/openchrome#1487
      "an image of another type than it says",
      { content: [{ type: "image", data: png, mimeType: "image/jpeg" }] },
      [{ type: "image", data: png, mimeType: "image/png" }],
    ],
    [
      // b1ff/atlassian-dc-mcp#83
      "an image of a type that has another name",
      { content: [{ type: "image", data: "AAAA", mimeType: "image/jpg" }] },
      [{ type: "image", data: "AAAA", mimeType: "image/jpeg" }],
    ],
    [
      "an image in lines of base64",
      { content: [{ type: "image", data: "iVBORw0K\nGgo=\n", mimeType: "image/png" }] },
      [{ type: "image", data: png, mimeType: "image/png" }],
    ],
    [
      "a sound in the alphabet of URLs",
      { content: [{ type: "audio", data: "_-_-_w", mimeType: "audio/wav" }] },
      [{ type: "audio", data: "/+/+/w==", mimeType: "audio/wav" }],
    ],
    [
      "a sound without a type",
      { content: [{ type: "audio", data: "UklGRiQAAABXQVZF" }] },
      [{ type: "audio", data: "UklGRiQAAABXQVZF", mimeType: "audio/wav" }],
    ],
    [
      // cloudflare/mcp-server-cloudflare#12
      "the whole answer under its older name",
      { toolResult: { content: [{ type: "text", text: "hi" }] } },
      [{ type: "text", text: "hi" }],
    ],
    [
      "text in a blob that names no type",
      { content: [{ type: "resource", resource: { uri: "a:n", blob: "aGk=" } }] },
      [{ type: "resource", resource: { uri: "a:n", text: "hi" } }],
    ],
    [
      "lists of parts",
      { content: [[{ type: "text", text: "hi" }]] },
      [{ type: "text", text: "hi" }],
    ],
    ["a number for content", { content: 5 }, [{ type: "text", text: "5" }]],
    [
      "a part of another protocol",
      { content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }] },
      [{ type: "image", data: png, mimeType: "image/png" }],
    ],
    [
      "an image that is an address",
      { content: [{ type: "image", data: "https://a.example/b.png", mimeType: "image/png" }] },
      [{ type: "resource_link", uri: "https://a.example/b.png", name: "an image" }],
    ],
    [
      "an image in bytes",
      { content: [{ type: "image", data: { type: "Buffer", data: [137, 80, 78, 71] } }] },
      [{ type: "image", data: "iVBORw==", mimeType: "image/png" }],
    ],
    [
      "an image in Python's notation",
      { content: [{ type: "image", data: `b'${png}'`, mimeType: "image/png" }] },
      [{ type: "image", data: png, mimeType: "image/png" }],
    ],
    [
      "an image of SVG as it is",
      { content: [{ type: "image", data: "<svg/>", mimeType: "image/svg+xml" }] },
      [{ type: "text", text: "<svg/>" }],
    ],
    [
      "a link in another spelling",
      { content: [{ type: "resourceLink", resource: { uri: "a:b", name: "n" } }] },
      [{ type: "resource_link", uri: "a:b", name: "n" }],
    ],
    [
      "a file in a list",
      { content: [{ type: "embedded_resource", resource: [{ uri: "a:b", text: "hi" }] }] },
      [{ type: "resource", resource: { uri: "a:b", text: "hi" } }],
    ],
    [
      "a file with contents",
      { content: [{ type: "resource", resource: { uri: "a:b", contents: [{ text: "hi" }] } }] },
      [{ type: "resource", resource: { uri: "a:b", text: "hi" } }],
    ],
    [
      "one answer in another",
      { result: { content: [{ type: "text", text: "hi" }] } },
      [{ type: "text", text: "hi" }],
    ],
    [
      // modelcontextprotocol/typescript-sdk#2637, microsoft/agent-framework#7468
      "a task that nobody asked for",
      { task: { taskId: "t", status: "working" } },
      [{ type: "text", text: expect.stringContaining("as a task in the background") }],
    ],
  ])("with %s keeps everything readable", (_name, result, content) => {
    expect(toolResult(result)).toMatchObject({ content, isError: false, truncated: false });
  });

  test.each([
    ["an object of the tool's own", { temperature: 5 }, { temperature: 5 }, false],
    ["null for content", { content: null, ids: [1], _meta: {} }, { ids: [1] }, false],
    // panoramicdata/Meraki.Api#389
    ["an error alone", { error: "Limit reached." }, { error: "Limit reached." }, true],
    [
      "an object that is an error",
      { type: "error", error: "No.", hint: "Wait." },
      { type: "error", error: "No.", hint: "Wait." },
      true,
    ],
    [
      "an error beside empty content",
      { content: [], error: { message: "No." } },
      { error: { message: "No." } },
      true,
    ],
    ["a list beside empty content", { content: [], rows: [1] }, { rows: [1] }, false],
    ["names as in Python", { content: [], structured_content: [1], is_error: true }, [1], true],
    ["an error that is null", { total: 0, error: null }, { total: 0, error: null }, false],
    ["nothing", { _meta: {}, resultType: "complete" }, undefined, false],
  ])("with %s as the result keeps it", (_name, result, structuredContent, isError) => {
    const read = toolResult(result);
    expect(read).toMatchObject({ content: [], isError });
    expect(read.structuredContent).toEqual(structuredContent);
  });

  test.each([1, "True", "true"])("with %j as isError counts as a failure", (isError) => {
    expect(toolResult({ content: "No.", isError })).toMatchObject({ isError: true });
  });

  // calebl/ynab-mcp-server#31, QuantGeekDev/mcp-framework#130
  test("with a part of the kind error counts as a failure, in its words", () => {
    const content = [{ type: "error", text: "Invalid number" }];
    expect(toolResult({ content })).toMatchObject({
      content: [{ type: "text", text: "Invalid number" }],
      isError: true,
    });
  });

  test.each([
    ["a number", 42, "42"],
    ["yes or no", false, "false"],
  ])("with %s for the result is that text", (_name, result, text) => {
    expect(readMessage({ id: 3, result }, awaited("tools/call"))).toMatchObject({
      result: { content: [{ type: "text", text }] },
    });
  });
});

describe("a list of tools with", () => {
  const good = { name: "good", inputSchema: { type: "object" } };

  // DeusData/codebase-memory-mcp#1247, sparfenyuk/mcp-proxy#233
  test("a page that comes again names no tool as left out", () => {
    const { tools, leftOut } = readToolList([good, good]);
    expect(tools.map(({ name }) => name)).toEqual(["good"]);
    expect(leftOut).toEqual([]);
  });

  test("another tool of the same name names it", () => {
    const { tools, leftOut } = readToolList([good, { ...good, description: "Another." }]);
    expect(tools).toHaveLength(1);
    expect(leftOut).toEqual([
      { name: "good", reason: "Another tool in the list has the same name." },
    ]);
  });

  test.each([
    // github/copilot-cli#2538
    ["that runs only as a task", { execution: { taskSupport: "required" } }, /only as a task/],
    // modelcontextprotocol/ext-apps#262, openai/codex#24635
    ["for the server's own pages", { _meta: { ui: { visibility: ["app"] } } }, /own pages/],
  ])("a tool %s leaves it out, with the reason", (_name, fields, reason) => {
    const { tools, leftOut } = readToolList([{ ...good, ...fields, name: "other" }, good]);
    expect(tools.map(({ name }) => name)).toEqual(["good"]);
    expect(leftOut).toEqual([{ name: "other", reason: expect.stringMatching(reason) }]);
  });

  test.each([
    ["may run as a task", { execution: { taskSupport: "optional" } }],
    ["is for pages and models", { _meta: { ui: { visibility: ["app", "model"] } } }],
    ["has a page", { _meta: { ui: { resourceUri: "ui://a/b" } } }],
  ])("a tool that %s keeps it", (_name, fields) => {
    expect(readToolList([{ ...good, ...fields }]).tools).toHaveLength(1);
  });
});
