import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openLoopbackListener } from "@/demo/loopback-listener";
import { AuthorizationRequiredError } from "@/lib/errors";
import type { McpConnections } from "@/lib/mcp/connections";
import type { BearerSource, McpTarget } from "@/lib/mcp/target";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { fixtureConnections, httpTarget, scriptedBearer } from "@/tests/support/mcp-fixture";
import {
  startEverythingServer,
  startPlainMcpServer,
  startSseMcpServer,
} from "@/tests/support/mcp-servers";

const closing = closedAfterEach();

function connections(): McpConnections {
  const made = fixtureConnections();
  closing.push(made.close);
  return made;
}

function sseTarget(
  url: string,
  options: { headers?: Record<string, string>; bearer?: BearerSource } = {},
): McpTarget {
  return httpTarget("", {
    endpoint: { transport: "SSE", url, headers: options.headers ?? {} },
    bearer: options.bearer ?? null,
  });
}

const echo = (message: string) => ({ name: "echo", input: { message } });

/** As a proxy does, until either side ends. */
async function passOn(
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
  { body, stream }: { body: Buffer<ArrayBuffer>; stream: AbortController },
): Promise<void> {
  response.once("close", () => stream.abort());
  try {
    const answer = await fetch(`${origin}${request.url}`, {
      method: request.method ?? "GET",
      headers: { "content-type": "application/json" },
      signal: stream.signal,
      ...(request.method === "POST" ? { body } : {}),
    });
    response.writeHead(answer.status, {
      "content-type": answer.headers.get("content-type") ?? "text/plain",
    });
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  } catch {
    response.destroy();
  }
}

/** A proxy in front of an SSE server that counts requests, and refuses tokens it does not know. */
async function guardedSse(valid: Set<string>) {
  const server = await startSseMcpServer();
  closing.push(server.close);
  const origin = new URL(server.url).origin;
  const listener = await openLoopbackListener();
  closing.push(listener.close);
  const seen: { method: string; token: string }[] = [];
  const streams = new Set<AbortController>();
  listener.serve(async (request, response) => {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    seen.push({ method: request.method ?? "", token });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!valid.has(token)) {
      response.writeHead(401).end();
      return;
    }
    const stream = new AbortController();
    streams.add(stream);
    await passOn(origin, request, response, { body: Buffer.concat(chunks), stream });
  });
  return {
    url: `${listener.url}/sse`,
    seen,
    breakStreams: () => {
      for (const stream of streams) stream.abort();
    },
  };
}

describe("a server with the older SSE transport", () => {
  test("answers many calls over one stream, and receives the stored headers with each message", async () => {
    const server = await startSseMcpServer({ requiredHeader: { name: "X-Api-Key", value: "k" } });
    closing.push(server.close);
    const mcp = connections();
    const target = sseTarget(server.url, { headers: { "X-Api-Key": "k" } });

    const answers = await Promise.all(
      ["a", "b", "c"].map((word) => mcp.callTool(target, echo(word))),
    );

    expect(answers.map(({ content }) => content)).toEqual(
      ["a", "b", "c"].map((text) => [{ type: "text", text }]),
    );
    const { tools, serverInfo, era } = await mcp.readCatalogue(target);
    expect(tools.map(({ name }) => name)).toEqual(["echo"]);
    expect(serverInfo).toMatchObject({ name: "Plain SSE" });
    expect(era.era).toBe("legacy");
  });

  test("receives the token with each message; a refused one is replaced once", async () => {
    const valid = new Set(["token-1"]);
    const server = await guardedSse(valid);
    const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });
    const mcp = connections();
    const target = sseTarget(server.url, { bearer });
    await mcp.callTool(target, echo("one"));
    expect(server.seen.map(({ method }) => method)).toEqual(["GET", "POST", "POST", "POST"]);
    expect(new Set(server.seen.map(({ token }) => token))).toEqual(new Set(["token-1"]));

    valid.clear();
    valid.add("token-2");
    server.seen.length = 0;
    await expect(mcp.callTool(target, echo("two"))).resolves.toMatchObject({
      content: [{ type: "text", text: "two" }],
    });

    expect(server.seen).toEqual([
      { method: "POST", token: "token-1" },
      { method: "POST", token: "token-2" },
    ]);
    expect(bearer.replaced).toEqual(["token-1"]);
  });

  test("that refuses the replacement as well ends in the source's own error", async () => {
    const server = await guardedSse(new Set());
    const gone = new AuthorizationRequiredError(
      { serverId: "server-1", ownerKey: "shared" },
      "Authorize again.",
    );
    const bearer = scriptedBearer({
      tokens: ["token-1", "token-2"],
      onReject: () => {
        throw gone;
      },
    });

    await expect(connections().callTool(sseTarget(server.url, { bearer }), echo("1"))).rejects.toBe(
      gone,
    );
    expect(server.seen.map(({ token }) => token)).toEqual(["token-1", "token-2"]);
    expect(bearer.rejected).toEqual(["token-2"]);
  });

  test("is reconnected by the next call after its stream breaks", async () => {
    const server = await guardedSse(new Set(["token-1"]));
    const mcp = connections();
    const target = sseTarget(server.url, { bearer: scriptedBearer({ tokens: ["token-1"] }) });
    await mcp.callTool(target, echo("one"));
    server.seen.length = 0;

    server.breakStreams();
    // Waits until the client has seen it too, which it does not signal.
    await delay(100);

    await expect(mcp.callTool(target, echo("two"))).resolves.toMatchObject({ isError: false });
    expect(server.seen.filter(({ method }) => method === "GET")).toHaveLength(1);
  });

  // apache/apisix#12138
  test("behind a proxy that ends TLS is reached by https, though it says http", async () => {
    const sent: string[] = [];
    let push = (_text: string) => {};
    const mcp = fixtureConnections({
      outbound: async (input, init) => {
        sent.push(`${init?.method ?? "GET"} ${input}`);
        if (init?.method === "POST") {
          const { id, method } = JSON.parse(String(init.body));
          const info = { protocolVersion: "2024-11-05", capabilities: {}, serverInfo: {} };
          const result = method === "initialize" ? info : { content: [] };
          if (id !== undefined) push(JSON.stringify({ jsonrpc: "2.0", id, result }));
          return new Response(null, { status: 202 });
        }
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            const write = (event: string) => controller.enqueue(new TextEncoder().encode(event));
            push = (text) => write(`event: message\ndata: ${text}\n\n`);
            write("event: endpoint\ndata: http://mcp.example.com/messages?id=7\n\n");
          },
        });
        return new Response(body, { headers: { "content-type": "Text/Event-Stream" } });
      },
    });
    closing.push(mcp.close);

    await mcp.callTool(sseTarget("https://mcp.example.com/sse"), echo("hi"));

    const posts = sent.filter((each) => each.startsWith("POST"));
    expect(new Set(posts)).toEqual(new Set(["POST https://mcp.example.com/messages?id=7"]));
  });

  // heymrun/heym#78, haierkeys/fast-note-sync-service#273
  test("that names an address inside its own network is refused, with that address", async () => {
    const listener = await openLoopbackListener();
    closing.push(listener.close);
    listener.serve((_request, response) => {
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .write("event: endpoint\ndata: http://127.0.0.1:1/messages\n\n");
    });
    const calling = connections().callTool(sseTarget(`${listener.url}/sse`), echo("hi"));
    await expect(calling).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining("to be sent to http://127.0.0.1:1, and not to"),
    });
  });

  // modelcontextprotocol/typescript-sdk#307
  test("that has lost the stream of a message is connected again, and the call runs once", async () => {
    const server = await startSseMcpServer();
    closing.push(server.close);
    const origin = new URL(server.url).origin;
    const listener = await openLoopbackListener();
    closing.push(listener.close);
    let streams = 0;
    let lost = false;
    listener.serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const isPost = request.method === "POST";
      if (!isPost) streams += 1;
      if (isPost && lost && streams === 1) {
        response.writeHead(400).end("No transport found for sessionId");
        return;
      }
      const stream = new AbortController();
      await passOn(origin, request, response, { body: Buffer.concat(chunks), stream });
    });
    const mcp = connections();
    const target = sseTarget(`${listener.url}/sse`);
    await mcp.callTool(target, echo("a"));
    lost = true;
    const { content } = await mcp.callTool(target, echo("b"));
    expect(content).toEqual([{ type: "text", text: "b" }]);
    expect(streams).toBe(2);
  });

  test("is not found where there is a web page, or nothing", async () => {
    const listener = await openLoopbackListener();
    closing.push(listener.close);
    listener.serve((request, response) => {
      if (request.url === "/page") {
        response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
      } else {
        response.writeHead(request.url === "/mcp" ? 405 : 404).end();
      }
    });
    const failure = (at: string) =>
      connections()
        .callTool(sseTarget(`${listener.url}${at}`), echo("1"))
        .catch((error) => error.userMessage);

    expect(await failure("/page")).toContain("answered with a web page, not MCP");
    expect(await failure("/nothing")).toContain("There is no MCP server at the URL of Fixture");
    expect(await failure("/mcp")).toContain("Try the Streamable HTTP transport.");
  });

  test("that does not exist is reported as unreachable", async () => {
    const listener = await openLoopbackListener();
    await listener.close();

    await expect(
      connections().callTool(sseTarget(`${listener.url}/sse`), echo("1")),
    ).rejects.toMatchObject({ code: "unreachable", reason: "connect" });
  });
});

describe.each(["streamableHttp", "sse"] as const)(
  "another vendor's server, over %s",
  (transport) => {
    test("lists its tools and answers a call", async () => {
      const server = await startEverythingServer(transport);
      closing.push(server.close);
      const mcp = connections();
      const target = transport === "sse" ? sseTarget(server.url) : httpTarget(server.url);

      const { tools, leftOut } = await mcp.readCatalogue(target);
      const result = await mcp.callTool(target, echo("hello"));

      expect(tools.map(({ name }) => name)).toContain("echo");
      const onlyAsTask = expect.stringContaining("only as a task");
      expect(leftOut).toEqual([{ name: "simulate-research-query", reason: onlyAsTask }]);
      expect(result.content).toEqual([{ type: "text", text: "Echo: hello" }]);
    });
  },
);

test("an SSE server registered under Streamable HTTP yields the transport to choose", async () => {
  const server = await startSseMcpServer({ requiredHeader: { name: "X-Key", value: "k-123456" } });
  const made = fixtureConnections();
  const target = httpTarget(server.url, {
    endpoint: { transport: "STREAMABLE_HTTP", url: server.url, headers: { "X-Key": "k-123456" } },
  });

  await expect(made.readCatalogue(target)).rejects.toMatchObject({
    code: "mcp_server_error",
    userMessage: expect.stringMatching(
      /speaks the older SSE transport.*choose SSE under Transport/,
    ),
  });
  await made.close();
  await server.close();
});

// sjzar/chatlog#116
test("so does one whose web server answers a POST with a page", async () => {
  const server = http.createServer(({ method }, response) => {
    const isGet = method === "GET";
    response.writeHead(200, { "Content-Type": isGet ? "text/event-stream" : "text/html" });
    if (isGet) response.write("event: endpoint\ndata: /messages?session=1\n\n");
    else response.end("<!doctype html><p>Welcome</p>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const made = fixtureConnections();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`;
  await expect(made.readCatalogue(httpTarget(url))).rejects.toMatchObject({
    userMessage: expect.stringMatching(/choose SSE under Transport/),
  });
  await made.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

test("a server that has neither transport is not mistaken for one with SSE", async () => {
  const made = fixtureConnections();
  const site = await startPlainMcpServer();
  const wrong = site.url.replace("/mcp", "/elsewhere");

  await expect(made.readCatalogue(httpTarget(wrong))).rejects.toMatchObject({
    userMessage: expect.not.stringContaining("older SSE transport"),
  });
  await made.close();
  await site.close();
});
