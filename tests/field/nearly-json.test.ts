import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { McpTarget } from "@/lib/mcp/target";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type SeenRequest,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

function callOf(target: McpTarget) {
  const mcp = fixtureConnections();
  closing.push(mcp.close);
  return mcp.callTool(target, { name: "echo", input: { message: "hi" } });
}

const text = (words: string) => ({ content: [{ type: "text", text: words }] });
const answer = (id: unknown, result: object = text("done")) =>
  JSON.stringify({ jsonrpc: "2.0", id, result });
const inLines = (id: unknown) => JSON.stringify(JSON.parse(answer(id)), null, 2);
const progress = JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: {} });
const structured = (id: unknown, value: string) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${value}}}`;
const page = "text/html; charset=UTF-8";
const events = "text/event-stream";

/** A server over HTTP whose answer to a call is this body. */
async function answeredWith(body: (id: unknown) => string, type = "application/json") {
  const intercept = ({ method, message }: SeenRequest) =>
    method === "tools/call"
      ? new Response(body(message?.id), { headers: { "content-type": type } })
      : undefined;
  const fixture = await startMcpFixture({ speaks: "sessions", intercept });
  closing.push(fixture.close);
  return callOf(httpTarget(fixture.url));
}

describe("an answer in other text", () => {
  test.each<[string, (id: unknown) => string, string?]>([
    // postmanlabs/postman-app-support#13683, modelcontextprotocol/java-sdk#748
    ["named a page", (id) => answer(id), page],
    [
      "behind a warning, named a page",
      (id) => `<br />\n<b>Warning</b>: x<br />\n${answer(id)}`,
      page,
    ],
    ["behind a warning on its line", (id) => `Notice: {x} in /a.php on line 3${answer(id)}`],
    ["in lines behind a warning", (id) => `Notice: x\n${inLines(id)}`],
    ["before what a framework adds", (id) => `${answer(id)}0`],
    ["next to another message", (id) => `${progress}${answer(id)}`],
    ["as a sequence of JSON texts", (id) => `\u001e${answer(id)}\n`, "application/json-seq"],
    ["that is a JSON text itself", (id) => JSON.stringify(answer(id))],
    ["as an event in lines, of which one is marked", (id) => `data: ${inLines(id)}\n\n`, events],
    ["as an event without an envelope", () => `data: ${JSON.stringify(text("done"))}\n\n`, events],
  ])("%s is read", async (_name, body, type) => {
    expect(await answeredWith(body, type)).toMatchObject(text("done"));
  });
});

describe("an answer that is nearly JSON", () => {
  test.each<[string, string, unknown]>([
    // XBP-Europe/sagemath-mcp#66, PrefectHQ/fastmcp#5150
    ["numbers that are none", '{"a":NaN,"b":[-Infinity,1]}', { a: "NaN", b: ["-Infinity", 1] }],
    ["Python's words", '{"a":None,"b":True,"c":"None"}', { a: null, b: true, c: "None" }],
    ["trailing commas", '{"a":[1,2, ],"b":",]",}', { a: [1, 2], b: ",]" }],
    ["line breaks in a text", '{"a":"x\ny\t\\"z"}', { a: 'x\ny\t"z' }],
    [
      "a long integer as well",
      '{"a":NaN,"b":725653563933458432}',
      { a: "NaN", b: "725653563933458432" },
    ],
  ])("with %s is read", async (_name, value, structuredContent) => {
    const one = await answeredWith((id) => structured(id, value));
    expect(one).toMatchObject({ structuredContent });
    const event = (id: unknown) => `data: ${structured(id, value).replace("\n", "\ndata: ")}\n\n`;
    expect(await answeredWith(event, events)).toMatchObject({ structuredContent });
  });
});

describe("an answer that is no message", () => {
  test.each<[string, string, string | undefined, string]>([
    ["an object", '{"success":false,"message":"Quota reached"}', undefined, "“Quota reached”"],
    ["errors", '{"errors":[{"message":"Not allowed"}]}', undefined, "“Not allowed”"],
    ["a line", "upstream connect error", "text/plain", "“upstream connect error”"],
    [
      "an event",
      'event: error\ndata: {"message":"Backend is down"}\n\n',
      events,
      "“Backend is down”",
    ],
  ])("is told in the words of %s, as a call that may have run", async (_n, body, type, words) => {
    const told = await answeredWith(() => body, type).catch((error) => error.userMessage);
    expect(told).toContain(`It said: ${words}`);
    expect(told).toContain("The call may have run; look before you try again.");
  });

  // UsefulSoftwareCo/executor#1130
  test.each([page, "application/json"])("is told as a web page, named %s", async (type) => {
    const login = `<!-- sso --><!DOCTYPE html><script>var a = {"error":"x"};</script>`;
    const told = await answeredWith(() => login, type).catch((error) => error.userMessage);
    expect(told).toContain("Fixture answered with a web page, not MCP.");
  });
});

/** An older program in plain JavaScript; `write` writes what it answers to a call. */
async function program(write: string, writeFirst = "say(answer)"): Promise<McpTarget> {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-nearly-"));
  closing.push(() => rm(folder, { recursive: true }));
  const script = path.join(folder, "server.mjs");
  await writeFile(
    script,
    `import readline from "node:readline";
const say = (text) => process.stdout.write(text + "\\n");
const put = (text) => process.stdout.write(text);
const inLines = (text) => JSON.stringify(JSON.parse(text), null, 2);
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const answerOf = (result) => JSON.stringify({ jsonrpc: "2.0", id, result });
  if (method === "initialize") {
    const answer = answerOf({ protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: "x", version: "1" } });
    ${writeFirst};
  } else if (method === "tools/call") {
    const answer = answerOf(${JSON.stringify(text("done"))});
    ${write};
  } else if (id !== undefined) {
    say(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } }));
  }
});`,
  );
  const command = { command: process.execPath, args: [script], environment: {} };
  const callLimits = { silenceMs: 5_000, totalMs: 5_000 };
  return httpTarget("", { endpoint: { transport: "STDIO", ...command }, callLimits });
}

describe("a program's answer", () => {
  test.each([
    ["behind text on its line", 'say("Working... {0} " + answer)'],
    ["behind a progress bar", 'say("10%\\r100%\\r" + answer)'],
    // anomalyco/opencode#17282, mcp-telegram/mcp-telegram#1
    ["behind control codes", 'say("\\x1b]0;ready\\x07\\x1b[32m" + answer + "\\x1b[0m")'],
    ["before text on its line", 'say(answer + " done in 3 ms")'],
    ["behind another message", `say(${JSON.stringify(progress)} + answer)`],
    // BaseIntelligence/bounty-challenge#52020
    ["in lines", "say(inLines(answer))"],
    ["in lines behind a log of lines", "say(inLines('{\"level\":30}')); say(inLines(answer))"],
    ["behind a log that is cut", "say('{\"level\":30,'); say(answer)"],
    // open-agreements/open-agreements#116, danielvm-git/bigpowers#131
    ["with a header of its length", 'put("Content-Length: 9\\r\\n\\r\\n" + answer)'],
    ["without a line end", "put(answer)"],
    ["without a line end, before it ends", "put(answer); setTimeout(() => process.exit(0), 20)"],
    ["behind NUL", 'say("\\0" + answer)'],
    ["with a line break in its text", 'say(answer.replace("do", "do\\n"))'],
    [
      "with a number that is none",
      'say(answer.replace("}]", \'}],"structuredContent":{"a":NaN}\'))',
    ],
  ])("%s is read", async (_name, write) => {
    const { content } = await callOf(await program(write));
    expect(content).toEqual([{ type: "text", text: expect.stringMatching(/^do\s?ne$/) }]);
  });

  test("to the handshake in lines is read", async () => {
    const target = await program("say(answer)", "say(inLines(answer))");
    expect(await callOf(target)).toMatchObject(text("done"));
  });
});
