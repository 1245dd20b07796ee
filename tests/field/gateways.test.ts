import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { readBody, startHttpServer } from "@/tests/support/local-http-server";
import { fixtureConnections, httpTarget } from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

type Asked = { id: unknown; response: ServerResponse };

/** An older server behind something that answers calls in its own way. */
async function gateway(
  onCall: (asked: Asked) => void,
  more: {
    onGet?: (request: IncomingMessage, response: ServerResponse) => void;
    session?: string | string[];
    tools?: (id: unknown) => unknown;
  } = {},
) {
  const calls: IncomingMessage[] = [];
  const listener = await startHttpServer(async (request, response) => {
    if (request.method === "GET" && more.onGet) return more.onGet(request, response);
    const body = request.method === "POST" ? await readBody(request) : "{}";
    const { id, method } = JSON.parse(body) as { id?: unknown; method?: string };
    if (id === undefined) return response.writeHead(202).end();
    if (method === "tools/call") {
      calls.push(request);
      return onCall({ id, response });
    }
    const info = { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: {} };
    const known =
      method === "initialize" ? answer(id, info) : method === "tools/list" && more.tools?.(id);
    if (more.session) response.setHeader("mcp-session-id", more.session);
    send(response, known || { jsonrpc: "2.0", id, error: { code: -32601, message: "?" } });
  });
  const mcp = fixtureConnections();
  closing.push(listener.close, mcp.close);
  const target = httpTarget(`${listener.origin}/mcp`);
  return {
    calls,
    call: () => mcp.callTool(target, { name: "echo", input: {} }),
    read: () => mcp.readCatalogue(target),
  };
}

const text = (words: string) => ({ content: [{ type: "text", text: words }] });
const done = text("done");
const answer = (id: unknown, result: object = done) => ({ jsonrpc: "2.0", id, result });
const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const send = (response: ServerResponse, value: unknown) =>
  response.writeHead(200, json).end(JSON.stringify(value));

describe("a gateway that answers in its own envelope", () => {
  const inText = (id: unknown) => JSON.stringify(answer(id));
  // speakeasy-api/gram#3998
  test.each<[string, (id: unknown) => unknown]>([
    ["a function's", (id) => ({ statusCode: 200, headers: {}, body: inText(id) })],
    ["an API's", (id) => ({ success: true, data: answer(id) })],
    ["another one", (id) => ({ status: "ok", response: answer(id) })],
    ["JSON-RPC's", (id) => answer(id, answer(id))],
    // agentic-community/mcp-gateway-registry#1051
    ["one around a stream", (id) => ({ raw: `event: message\n${event(answer(id))}` })],
    ["a text of parts", (id) => answer(id, { content: JSON.stringify(done.content) })],
  ])("such as %s is understood", async (_name, value) => {
    const { call } = await gateway(({ id, response }) => send(response, value(id)));
    expect(await call()).toMatchObject(done);
  });

  test("is not what a tool quotes", async () => {
    const quoted = JSON.stringify(answer(7, text("quoted")));
    const { call } = await gateway(({ id, response }) =>
      send(response, { jsonrpc: "2.0", id, result: quoted }),
    );
    expect(await call()).toMatchObject(text(quoted));
  });

  const listed = { tools: [{ name: "one", inputSchema: { type: "object" } }] };
  test.each<[string, (id: unknown) => unknown]>([
    ["JSON-RPC's", (id) => answer(id, answer(id, listed))],
    ["another field", (id) => answer(id, { data: listed })],
  ])("around a list of tools, such as %s, is understood", async (_name, tools) => {
    const { read } = await gateway(() => {}, { tools });
    expect(await read()).toMatchObject({ tools: [{ name: "one" }] });
  });

  test.each([
    ["a refusal", { statusCode: 403, body: '{"message":"Not by policy"}' }, "Not by policy"],
    ["a crash", { errorType: "Exit", errorMessage: "Runtime exited" }, "Runtime exited"],
  ])("is quoted for %s, as a call that may have run", async (_name, value, words) => {
    const { call } = await gateway(({ response }) => send(response, value));
    const told = await call().catch((error) => error.userMessage);
    expect(told).toContain(words);
    expect(told).toContain("The call may have run");
  });
});

describe("a gateway that gives answers ids of its own", () => {
  // radareorg/radare2-mcp#68
  test("in a stream that ends is understood, as is one that stays open", async () => {
    const ends = await gateway(({ response }) =>
      response.writeHead(200, events).end(event(answer("own-1"))),
    );
    expect(await ends.call()).toMatchObject(done);
    const stays = await gateway(({ response }) =>
      response.writeHead(200, events).write(event(answer("own-1"))),
    );
    expect(await stays.call()).toMatchObject(done);
  });

  test("is quoted for an error", async () => {
    const error = { jsonrpc: "2.0", id: "own-1", error: { code: -32602, message: "Wrong day" } };
    const { call } = await gateway(({ response }) =>
      response.writeHead(200, events).end(event(error)),
    );
    await expect(call()).rejects.toMatchObject({
      userMessage: expect.stringContaining("Wrong day"),
    });
  });

  test("and mixes up two calls gives no call the other's answer", async () => {
    const waiting: Asked[] = [];
    const { call } = await gateway((asked) => {
      asked.response.writeHead(200, events);
      const other = waiting.at(0);
      waiting.push(asked);
      if (!other) return;
      asked.response.end(event(answer(other.id, text("first"))));
      other.response.end(event(answer(asked.id, text("second"))));
    });
    const [first, second] = await Promise.allSettled([call(), call()]);
    expect(JSON.stringify(first)).not.toContain("second");
    expect(JSON.stringify(second)).not.toContain("first");
  });
});

describe("an answer that stands whole in a body", () => {
  const body = (id: unknown) => JSON.stringify(answer(id));
  const thenBreak = ({ id, response }: Asked) =>
    response.write(body(id), () => setTimeout(() => response.socket?.destroy(), 20));
  test("is read although the connection breaks off behind it", async () => {
    const chunked = await gateway((asked) => {
      asked.response.writeHead(200, json);
      thenBreak(asked);
    });
    expect(await chunked.call()).toMatchObject(done);
    const longer = await gateway((asked) => {
      asked.response.writeHead(200, { ...json, "content-length": body(asked.id).length + 9 });
      thenBreak(asked);
    });
    expect(await longer.call()).toMatchObject(done);
  });

  test("is not one that breaks off within it", async () => {
    const { call, calls } = await gateway(({ id, response }) => {
      response.writeHead(200, { ...json, "content-length": 9_000 });
      response.write(body(id).slice(0, -2), () => response.socket?.destroy());
    });
    await expect(call()).rejects.toMatchObject({ reason: "reset" });
    expect(calls).toHaveLength(1);
  });
});

test.each<[string, string | string[]]>([
  ["header", ["abc", "abc"]],
  ["line", "abc, abc"],
])("a session id that a proxy repeats in another %s is sent back once", async (_name, session) => {
  const { call, calls } = await gateway(({ id, response }) => send(response, answer(id)), {
    session,
  });
  await call();
  expect(calls[0]?.headers["mcp-session-id"]).toBe("abc");
});

describe("a stream", () => {
  // modelcontextprotocol/modelcontextprotocol#1783
  test.each([
    ["an id alone", "id: e1\nretry: 100\n\n"],
    ["an id and empty data", "id: e1\nretry: 100\ndata:\n\n"],
  ])(
    "that begins with %s is resumed from it, and may be answered in JSON",
    async (_name, start) => {
      for (const inJson of [false, true]) {
        let asked: unknown;
        const { call } = await gateway(
          ({ id, response }) => {
            asked = id;
            response.writeHead(200, events).end(start);
          },
          {
            onGet: ({ headers }, response) => {
              if (headers["last-event-id"] !== "e1") return response.writeHead(400).end();
              if (inJson) return send(response, answer(asked));
              response.writeHead(200, events).end(event(answer(asked)));
            },
          },
        );
        expect(await call()).toMatchObject(done);
      }
    },
  );

  // PhilflowIO/dav-mcp#31
  test.each([
    ["an answer to nothing", { jsonrpc: "2.0", id: null, result: {} }],
    ["progress without a result", { status: "running", result: null }],
    ["an object", { type: "heartbeat" }],
  ])("with heartbeats in the form of %s is read to its answer", async (_name, heartbeat) => {
    const { call } = await gateway(({ id, response }) => {
      response.writeHead(200, events).write(event(heartbeat));
      setTimeout(() => response.end(event(answer(id))), 2_200);
    });
    expect(await call()).toMatchObject(done);
  });
});
