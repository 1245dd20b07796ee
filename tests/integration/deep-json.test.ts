import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openLoopbackListener } from "@/demo/loopback-listener";
import type { McpTarget } from "@/lib/mcp/target";
import { parseParameters } from "@/lib/oauth/parameters";
import {
  type ChatFixture,
  send,
  startChatFixture,
  text,
  unansweredCalls,
} from "@/tests/support/chat-fixture";
import { fixtureConnections, httpTarget } from "@/tests/support/mcp-fixture";
import type { ModelScript } from "@/tests/support/openai-server";
import { startStopwatch } from "@/tests/support/stopwatch";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const depths = [3_000, 100_000];
const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

/** What a fixture server answers to a method, with `DEEP` in place of something deep. */
const answers: Record<string, string> = {
  initialize:
    '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"Deep","version":"1"}}',
  "tools/list":
    '{"tools":[{"name":"deep","inputSchema":{"type":"object","properties":{"a":DEEP}}}]}',
  "tools/call": '{"content":[],"structuredContent":{"a":DEEP}}',
};

async function deepHttpServer(deep: string, asStream: boolean): Promise<McpTarget> {
  const listener = await openLoopbackListener();
  closing.push(listener.close);
  listener.serve((request, response) => {
    let body = "";
    request.on("data", (bytes) => {
      body += bytes;
    });
    request.on("end", () => {
      const { id, method } = body === "" ? {} : JSON.parse(body);
      const known = id === undefined ? undefined : answers[method];
      if (known === undefined) return void response.writeHead(id === undefined ? 202 : 404).end();
      const message = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${known.replace("DEEP", deep)}}`;
      const type = asStream ? "text/event-stream" : "application/json";
      response.writeHead(200, { "content-type": type });
      // A stream stays open, as a server's may.
      if (asStream) response.write(`data: ${message}\n\n`);
      else response.end(message);
    });
  });
  return httpTarget(`${listener.url}/mcp`, { serverName: "Deep" });
}

async function deepStdioServer(deep: string): Promise<McpTarget> {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-deep-"));
  closing.push(() => rm(folder, { recursive: true }));
  const script = path.join(folder, "server.mjs");
  await writeFile(
    script,
    `import readline from "node:readline";
const answers = ${JSON.stringify(answers)};
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const known = answers[method];
  const rest = known === undefined ? '"error":{"code":-32601,"message":"No"}' : '"result":' + known.replace("DEEP", ${JSON.stringify(deep)});
  process.stdout.write('{"jsonrpc":"2.0","id":' + JSON.stringify(id) + ',' + rest + '}\\n');
});`,
  );
  return httpTarget("", {
    serverName: "Deep",
    endpoint: { transport: "STDIO", command: process.execPath, args: [script], environment: {} },
  });
}

describe("an MCP server that answers with nested JSON", () => {
  const ways = {
    "as JSON": (deep: string) => deepHttpServer(deep, false),
    "on a stream": (deep: string) => deepHttpServer(deep, true),
    "over stdio": deepStdioServer,
  };
  it.each(
    Object.entries(ways).flatMap(([name, start]) =>
      depths.map((depth) => ({ name, depth, start })),
    ),
  )(
    "$depth levels deep $name gets an error that says so, for a call and for a list",
    async ({ depth, start }) => {
      for (const deep of [lists(depth), objects(depth)]) {
        const target = await start(deep);
        const mcp = fixtureConnections();
        closing.push(mcp.close);
        const elapsed = startStopwatch();
        const inWords = {
          code: "mcp_server_error",
          userMessage: expect.stringMatching(/^Deep answered with .*more than 200 levels deep/),
        };

        await expect(mcp.callTool(target, { name: "deep", input: {} })).rejects.toMatchObject(
          inWords,
        );
        await expect(mcp.readCatalogue(target)).rejects.toMatchObject(inWords);
        expect(elapsed()).toBeLessThan(20_000);
      }
    },
  );
});

describe("a model that writes the arguments of a call", () => {
  let chat: ChatFixture;
  afterEach(async () => {
    const unanswered = unansweredCalls(chat.model);
    await chat.close();
    expect(unanswered).toEqual([]);
  });

  async function turnWith(argumentsText: string) {
    const script: ModelScript = (_, turn) =>
      turn === 0
        ? [{ type: "tool-call", name: "files__read", arguments: argumentsText }]
        : [{ type: "text", deltas: ["Done"] }];
    const tool = { name: "read", readOnly: true, run: () => text("Read") };
    chat = await startChatFixture([{ name: "Files", tools: [tool] }], script);
    const id = await chat.start();
    await chat.turn(id, send("Go"));
    return chat.read(id);
  }

  it.each(depths)(
    "%d levels deep has that call refused, and the conversation continues",
    async (depth) => {
      const detail = await turnWith(`{"path":${lists(depth)}}`);

      expect(chat.calls).toEqual([]);
      const parts = detail.messages.at(-1)?.parts ?? [];
      expect(parts.at(-1)).toMatchObject({ type: "text", text: "Done" });
      expect(parts.filter(({ type }) => type === "dynamic-tool")).toMatchObject([
        { state: "output-error" },
      ]);
      expect(detail.running).toBe(false);
    },
  );

  it("with names that every object has reaches the tool with all of them", async () => {
    const given = '{"__proto__":{"a":1},"constructor":{"prototype":2},"toString":"x","path":"p"}';
    await turnWith(given);

    expect(chat.calls.map(({ input }) => JSON.stringify(input))).toEqual([given]);
  });
});

it.each(depths)(
  "an OAuth answer %d levels deep is not accepted, whatever else it contains",
  (depth) => {
    for (const deep of [lists(depth), objects(depth)]) {
      expect(parseParameters(`{"access_token":"new","x":${deep}}`)).toBeNull();
    }
  },
);
