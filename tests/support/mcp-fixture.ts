import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  McpServer,
  type PerRequestResponseMode,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";
import { createLog } from "@/lib/log";
import { createMcpConnections } from "@/lib/mcp/connections";
import { mcpOutboundLimits } from "@/lib/mcp/http/server-fetch";
import type { BearerSource, McpConnectionsDeps, McpTarget } from "@/lib/mcp/target";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { stdioServers } from "@/tests/support/stdio-servers";

/** One HTTP request as the fixture saw it. */
export type SeenRequest = {
  httpMethod: string;
  headers: Headers;
  /** From its JSON-RPC message; null if it had none. */
  method: string | null;
  message: { id?: unknown; params?: Record<string, unknown> } | null;
};

export type McpFixtureOptions = {
  /** `sessions`: 2025-11-25 with `Mcp-Session-Id`. `modern`: 2026-07-28 only. `both`: no sessions. */
  speaks: "sessions" | "modern" | "both";
  responseMode?: PerRequestResponseMode;
  /** Answers instead of the MCP server if it returns something. */
  intercept?: (
    seen: SeenRequest,
    request: Request,
  ) => Response | undefined | Promise<Response | undefined>;
  tools?: (server: McpServer) => void;
};

export type McpFixture = {
  url: string;
  requests: SeenRequest[];
  /** The JSON-RPC methods in order of arrival. */
  methods(): string[];
  /** How many calls of `wait` were told to stop. */
  readonly stopped: number;
  readonly openSessions: number;
  /** Like a restart: a client that continues with a session is answered 404. */
  forgetSessions(): void;
  close(): Promise<void>;
};

/** A real MCP server on loopback that records what it was sent and can be made to fail. */
export async function startMcpFixture(options: McpFixtureOptions): Promise<McpFixture> {
  const listener = await openLoopbackListener();
  const requests: SeenRequest[] = [];
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  let stopped = 0;
  const newServer = () => {
    const server = new McpServer(
      { name: "Fixture", version: "1.2.3", title: "A fixture" },
      { instructions: "Only for tests." },
    );
    (options.tools ?? fixtureTools)(server);
    waitTool(server, () => {
      stopped += 1;
    });
    return server;
  };
  const handler = createMcpHandler(newServer, {
    legacy: options.speaks === "modern" ? "reject" : "stateless",
    ...(options.speaks !== "sessions" && options.responseMode
      ? { responseMode: options.responseMode }
      : {}),
  });

  async function serveSession(request: Request): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    const known = id === null ? undefined : sessions.get(id);
    if (id !== null && !known) return notFound();
    const transport =
      known ??
      new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        enableJsonResponse: options.responseMode === "json",
        onsessioninitialized: (session) => void sessions.set(session, transport),
        onsessionclosed: (session) => void sessions.delete(session),
      });
    if (!known) await newServer().connect(transport);
    return transport.handleRequest(request);
  }

  listener.serve(
    toNodeHandler({
      fetch: async (request) => {
        const seen = await seenRequest(request);
        requests.push(seen);
        const answer = await options.intercept?.(seen, request);
        if (answer) return answer;
        return options.speaks === "sessions" ? serveSession(request) : handler.fetch(request);
      },
    }),
  );
  return {
    url: `${listener.url}/mcp`,
    requests,
    methods: () => requests.flatMap(({ method }) => (method === null ? [] : [method])),
    get stopped() {
      return stopped;
    },
    get openSessions() {
      return sessions.size;
    },
    forgetSessions: () => sessions.clear(),
    close: async () => {
      await handler.close();
      await listener.close();
    },
  };
}

/** Connections as in the application, over the real outbound fetch. */
export function fixtureConnections(deps: Partial<McpConnectionsDeps> = {}) {
  const agent = createOutboundAgent({ allowHttpLoopback: true, allowedPrivateHosts: [] });
  const connections = createMcpConnections({
    outbound: createOutboundFetch(agent, mcpOutboundLimits),
    now: () => new Date(),
    log: createLog("silent"),
    stdio: stdioServers(),
    ...deps,
  });
  return {
    ...connections,
    close: async () => {
      await connections.close();
      await agent.close();
    },
  };
}

export function httpTarget(url: string, changes: Partial<McpTarget> = {}): McpTarget {
  return {
    serverId: "server-1",
    serverName: "Fixture",
    version: 1,
    ownerKey: "shared",
    endpoint: { transport: "STREAMABLE_HTTP", url, headers: {} },
    bearer: null,
    ...changes,
  };
}

/** Takes the place of lib/tokens: hands out the tokens it is given, and records what it was asked. */
export function scriptedBearer(script: {
  tokens: string[];
  onReplace?: (rejected: string) => Promise<string>;
  onReject?: (rejected: string) => never;
}): BearerSource & { replaced: string[]; rejected: string[]; current: string } {
  const [first = "token-1", ...rest] = script.tokens;
  const source = {
    current: first,
    replaced: [] as string[],
    rejected: [] as string[],
    token: async () => source.current,
    replace: async (rejected: string) => {
      source.replaced.push(rejected);
      source.current = script.onReplace ? await script.onReplace(rejected) : (rest.shift() ?? "");
      return source.current;
    },
    reject: async (rejected: string) => {
      source.rejected.push(rejected);
      if (script.onReject) return script.onReject(rejected);
      throw new Error("The script has no answer to a rejected token.");
    },
  };
  return source;
}

export async function until(condition: () => boolean, withinMs = 5_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error("The condition was not met in time.");
    await delay(10);
  }
}

const reads = { readOnlyHint: true };
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

export function fixtureTools(server: McpServer): void {
  server.registerTool(
    "echo",
    {
      title: "Echo",
      description: "Says it again.",
      inputSchema: z.object({ message: z.string() }),
      annotations: reads,
    },
    async ({ message }) => text(message),
  );
  server.registerTool(
    "write",
    { inputSchema: z.object({ characters: z.number() }), annotations: reads },
    async ({ characters }) => text("é".repeat(characters)),
  );
  server.registerTool("fail", { inputSchema: z.object({}) }, async () => ({
    ...text("The disk is full."),
    isError: true,
  }));
}

function waitTool(server: McpServer, onStopped: () => void): void {
  server.registerTool(
    "wait",
    { inputSchema: z.object({ ms: z.number(), reportEveryMs: z.number().optional() }) },
    async ({ ms, reportEveryMs }, { mcpReq }) => {
      const end = Date.now() + ms;
      const token = mcpReq._meta?.progressToken;
      for (let step = 1; Date.now() < end; step++) {
        await delay(Math.min(reportEveryMs ?? ms, Math.max(1, end - Date.now())), undefined, {
          signal: mcpReq.signal,
        }).catch(onStopped);
        if (mcpReq.signal.aborted) break;
        if (reportEveryMs === undefined || token === undefined) continue;
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken: token, progress: step },
        });
      }
      return text("Waited.");
    },
  );
}

async function seenRequest(request: Request): Promise<SeenRequest> {
  let message: { method?: string; id?: unknown; params?: Record<string, unknown> } | null = null;
  try {
    message = request.body ? await request.clone().json() : null;
  } catch {
    // Not JSON: an attack by the test itself.
  }
  return {
    httpMethod: request.method,
    headers: new Headers(request.headers),
    method: message?.method ?? null,
    message,
  };
}

function notFound(): Response {
  return Response.json(
    { jsonrpc: "2.0", error: { code: -32001, message: "Session not found" }, id: null },
    { status: 404 },
  );
}
