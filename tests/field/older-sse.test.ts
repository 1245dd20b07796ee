import type { ServerResponse } from "node:http";
import { describe, expect, test, vi } from "vitest";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { readBody, startHttpServer } from "@/tests/support/local-http-server";
import { fixtureConnections, httpTarget } from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

type Message = { id?: number; method: string };
type Exchange = { message: string; stream: ServerResponse; response: ServerResponse };
type Odd = {
  endpoint?: string;
  /** How the answer to a request is given. */
  answer?: (exchange: Exchange) => void;
  text?: string;
};

/** A server of HTTP with SSE in which one thing is odd. */
async function server({ endpoint = "event: endpoint\ndata: /messages\n\n", answer, text }: Odd) {
  const streams: ServerResponse[] = [];
  let calls = 0;
  const resultOf = ({ method }: Message) =>
    method === "initialize"
      ? { protocolVersion: "2024-11-05", capabilities: {}, serverInfo: { name: "x", version: "1" } }
      : { content: [{ type: "text", text: text ?? "done" }] };
  const listener = await startHttpServer(async (request, response) => {
    if (request.method === "GET") {
      streams.push(response);
      response.writeHead(200, { "content-type": "text/event-stream" }).write(endpoint);
      return;
    }
    const asked = JSON.parse(await readBody(request)) as Message;
    const stream = streams.at(-1);
    if (request.url !== "/messages" || !stream) return response.writeHead(404).end();
    if (asked.id === undefined) return response.writeHead(202).end();
    if (asked.method === "tools/call") calls += 1;
    const message = JSON.stringify({ jsonrpc: "2.0", id: asked.id, result: resultOf(asked) });
    if (answer) return answer({ message, stream, response });
    response.writeHead(202).end("Accepted");
    stream.write(`event: message\ndata: ${message}\n\n`);
  });
  const mcp = fixtureConnections();
  closing.push(listener.close, mcp.close);
  const url = `${listener.origin}/sse`;
  const target = httpTarget("", { endpoint: { transport: "SSE", url, headers: {} } });
  return {
    streams,
    calls: () => calls,
    call: () => mcp.callTool(target, { name: "any", input: {} }),
  };
}

const done = { content: [{ type: "text", text: "done" }] };

describe("a server of the older transport", () => {
  test.each([
    // patvice/ruby_llm-mcp#61
    ["twice", "event: endpoint\ndata: /messages\ndata: /messages\n\n"],
    ["as a text in JSON", 'event: endpoint\ndata: "/messages"\n\n'],
    ["as an object in JSON", 'event: endpoint\ndata: {"uri":"/messages"}\n\n'],
    ["in an event without a name", "data: /messages\n\n"],
    [
      "in an event in other letters",
      ": hi\n\nevent: ping\ndata: 1\n\nevent: Endpoint\ndata: /messages\n\n",
    ],
  ])("that names its address %s is understood", async (_name, endpoint) => {
    expect(await (await server({ endpoint })).call()).toMatchObject(done);
  });

  test("that names a path where nothing answers is told so, and not that its URL is wrong", async () => {
    const { call } = await server({ endpoint: "event: endpoint\ndata: /app/messages\n\n" });
    await expect(call()).rejects.toMatchObject({
      userMessage:
        "Fixture opened its stream, but nothing answers at the path that it named for messages (HTTP 404). Ask its operator to check that path; a proxy may have changed it.",
    });
  });

  // datagouv/datagouv-mcp#68
  test.each([
    ["never names an address", ": ping\n\n"],
    ["names none that is one", "event: endpoint\ndata: \n\n"],
  ])("that %s is told so", async (_name, endpoint) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { call, streams } = await server({ endpoint });
    const told = call().catch((error) => error.userMessage);
    while (streams.length === 0) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(25_000);
    vi.useRealTimers();
    expect(await told).toBe(
      "Fixture opened its stream, but did not say where messages go. If it speaks Streamable HTTP, choose that under Transport; otherwise ask its operator.",
    );
  });

  const json = { "content-type": "application/json" };
  test.each<[string, NonNullable<Odd["answer"]>]>([
    // modelcontextprotocol/csharp-sdk#445
    ["in its response", ({ message, response }) => response.writeHead(200, json).end(message)],
    [
      "in its response and in the stream",
      ({ message, stream, response }) => {
        stream.write(`data: ${message}\n\n`);
        response.writeHead(200, json).end(message);
      },
    ],
    [
      "in an event of its own name",
      ({ message, stream, response }) => {
        response.writeHead(202).end();
        stream.write(`event: response\ndata: ${message}\n\n`);
      },
    ],
    ["before its response ends", ({ message, stream }) => stream.write(`data: ${message}\n\n`)],
    [
      "behind a byte order mark",
      ({ message, stream, response }) => {
        response.writeHead(202).end();
        stream.write(`data: \ufeff${message}\n\n`);
      },
    ],
  ])("that answers %s is understood", async (_name, answer) => {
    const { call, calls } = await server({ answer });
    expect(await call()).toMatchObject(done);
    expect(calls()).toBe(1);
  });

  // adcontextprotocol/adcp-client#1167, anvia-hq/anvia#453
  test("keeps its stream, however much it has answered there", async () => {
    const text = "x".repeat(1024 * 1024 - 1);
    const { call, streams } = await server({ text });
    for (let count = 0; count < 18; count += 1) {
      expect(await call()).toMatchObject({ content: [{ text }] });
    }
    expect(streams).toHaveLength(1);
  });

  test("whose stream ends in a call is told as one that may have run it", async () => {
    const { call, calls } = await server({
      answer: ({ message, stream, response }) => {
        response.writeHead(202).end();
        if (message.includes("content")) stream.destroy();
        else stream.write(`data: ${message}\n\n`);
      },
    });
    await expect(call()).rejects.toMatchObject({
      userMessage:
        "The connection to Fixture broke off. The call may have run; look before you try again.",
    });
    expect(calls()).toBe(1);
  });
});
