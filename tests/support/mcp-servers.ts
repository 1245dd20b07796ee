import { fork } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { McpServer as SdkV1McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";
import { type SeenMcpRequest, seenMcpRequest } from "@/demo/mcp-server/request-log";
import { bundledFile } from "@/tests/support/bundled-file";

export interface TestMcpServer {
  /** What a client receives. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ObservedMcpServer extends TestMcpServer {
  /** In order of arrival. */
  readonly requests: readonly SeenMcpRequest[];
}

export interface PlainMcpServerOptions {
  port?: number;
  /** Each request must carry this header, or is answered 401. */
  requiredHeader?: { name: string; value: string };
  /** Registers tools instead of the usual ones. */
  tools?: (server: McpServer) => void;
}

/**
 * Streamable HTTP without OAuth: `echo`, `add`, `wait` (takes `ms`), `fail` (an error of the tool)
 * and `remember` (not read-only).
 */
export async function startPlainMcpServer(
  options: PlainMcpServerOptions = {},
): Promise<ObservedMcpServer> {
  const listener = await openLoopbackListener(options.port);
  const requests: SeenMcpRequest[] = [];
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "Plain", version: "1.0.0" });
    (options.tools ?? plainTools)(server);
    return server;
  });
  const serve = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname !== "/mcp") return new Response(null, { status: 404 });
    const seen = await seenMcpRequest(request);
    requests.push(seen);
    const { requiredHeader } = options;
    const refused =
      requiredHeader && request.headers.get(requiredHeader.name) !== requiredHeader.value;
    const response = refused
      ? Response.json({ error: "The key is missing or wrong." }, { status: 401 })
      : await handler.fetch(request);
    seen.status = response.status;
    return response;
  };
  listener.serve(toNodeHandler({ fetch: serve }));
  return {
    url: `${listener.url}/mcp`,
    requests,
    close: async () => {
      await handler.close();
      await listener.close();
    },
  };
}

/** As {@link startPlainMcpServer}, behind `X-Api-Key`. */
export function startHeaderKeyMcpServer(
  key: string,
  options: Omit<PlainMcpServerOptions, "requiredHeader"> = {},
): Promise<ObservedMcpServer> {
  return startPlainMcpServer({ ...options, requiredHeader: { name: "X-Api-Key", value: key } });
}

function plainTools(server: McpServer): void {
  const reads = { readOnlyHint: true, destructiveHint: false };
  const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
  server.registerTool(
    "echo",
    {
      title: "Echo",
      description: "Says the message again.",
      inputSchema: z.object({ message: z.string() }),
      annotations: reads,
    },
    async ({ message }) => text(message),
  );
  server.registerTool(
    "add",
    {
      title: "Add",
      description: "Adds two numbers.",
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      annotations: reads,
    },
    async ({ a, b }) => text(String(a + b)),
  );
  server.registerTool(
    "wait",
    {
      title: "Wait",
      description: "Answers after a while.",
      inputSchema: z.object({ ms: z.number().int().min(0) }),
      annotations: reads,
    },
    async ({ ms }, context) => {
      await delay(ms, undefined, { signal: context.mcpReq.signal });
      return text(`Waited ${ms} ms.`);
    },
  );
  server.registerTool(
    "fail",
    {
      title: "Fail",
      description: "Always ends in an error.",
      inputSchema: z.object({}),
      annotations: reads,
    },
    async () => ({ ...text("This tool always fails."), isError: true }),
  );
  server.registerTool(
    "remember",
    {
      title: "Remember",
      description: "Keeps a note.",
      inputSchema: z.object({ note: z.string() }),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    async ({ note }) => text(`Kept: ${note}`),
  );
}

/**
 * The deprecated HTTP+SSE transport, by the last SDK line that still serves it: `echo` only.
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export async function startSseMcpServer(
  options: Pick<PlainMcpServerOptions, "port" | "requiredHeader"> = {},
): Promise<TestMcpServer> {
  const listener = await openLoopbackListener(options.port);
  const transports = new Map<string, SSEServerTransport>();
  const open = async (response: ServerResponse) => {
    const transport = new SSEServerTransport("/messages", response);
    transports.set(transport.sessionId, transport);
    response.once("close", () => transports.delete(transport.sessionId));
    const server = new SdkV1McpServer({ name: "Plain SSE", version: "1.0.0" });
    server.registerTool(
      "echo",
      {
        title: "Echo",
        description: "Says the message again.",
        inputSchema: { message: z.string() },
        annotations: { readOnlyHint: true },
      },
      async ({ message }) => ({ content: [{ type: "text", text: message }] }),
    );
    await server.connect(transport);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", listener.url);
    const { requiredHeader } = options;
    if (
      requiredHeader &&
      request.headers[requiredHeader.name.toLowerCase()] !== requiredHeader.value
    ) {
      response.writeHead(401).end();
    } else if (request.method === "GET" && url.pathname === "/sse") {
      await open(response);
    } else {
      const transport = transports.get(url.searchParams.get("sessionId") ?? "");
      if (transport) await transport.handlePostMessage(request, response);
      else response.writeHead(404).end();
    }
  };
  listener.serve((request, response) => void serve(request, response));
  return { url: `${listener.url}/sse`, close: listener.close };
}

/**
 * `@modelcontextprotocol/server-everything`, a third-party server, in a separate process. Its
 * streamable HTTP keeps 2025-era sessions.
 */
export async function startEverythingServer(
  transport: "streamableHttp" | "sse",
): Promise<TestMcpServer> {
  const script = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/server-everything/dist/index.js",
  );
  // It listens on every interface and cannot say which port it took: both are fixed from outside.
  const preload = `import net from "node:net";
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  this.once("listening", () => process.send(this.address().port));
  return listen.call(this, Number(port), "127.0.0.1", ...rest);
};
process.once("disconnect", () => process.exit());`;
  const child = fork(script, [transport], {
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(preload)}`],
    env: { NODE_ENV: "production", PATH: process.env.PATH, PORT: "0" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const exited = once(child, "exit");
  const port = await Promise.race([
    once(child, "message").then(([message]) => Number(message)),
    exited.then(([code]) => {
      throw new Error(`server-everything ended with ${code} before it listened.`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}/${transport === "sse" ? "sse" : "mcp"}`,
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** A web site that is not an MCP server: 200 and HTML for every request. */
export async function startHtmlSite(): Promise<TestMcpServer> {
  const listener = await openLoopbackListener();
  listener.serve((request, response) => {
    request.resume();
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end("<!doctype html><title>Flower shop</title><h1>Tulips, fresh today</h1>");
  });
  return { url: `${listener.url}/mcp`, close: listener.close };
}

/** How to start the practice stdio server, from any folder. */
export const STDIO_SERVER = {
  command: process.execPath,
  args: [bundledFile("stdio-server")],
} as const;
