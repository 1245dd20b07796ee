import { setTimeout as delay } from "node:timers/promises";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  type AuthInfo,
  createMcpHandler,
  getOAuthProtectedResourceMetadataUrl,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { IntrospectionAccess } from "@/demo/authorization-server";
import { REQUESTS_KEPT } from "@/demo/authorization-server/request-log";
import { openLoopbackListener } from "@/demo/loopback-listener";
import { type BearerGuardOptions, bearerGuard, challenge } from "@/demo/mcp-server/bearer-guard";
import { type Account, type FileToolsOptions, fileTools } from "@/demo/mcp-server/file-tools";
import { type SeenMcpRequest, seenMcpRequest } from "@/demo/mcp-server/request-log";
import { mcpSessions } from "@/demo/mcp-server/sessions";

export interface McpServerOptions extends Omit<FileToolsOptions, "scopes"> {
  /** 0, the default: any free port. */
  port?: number;
  provider: IntrospectionAccess;
  /** `files:read` and `files:write` unless given; null: a valid token is enough. */
  scopes?: FileToolsOptions["scopes"];
  /**
   * Which protocol it speaks; `both` unless given. `both` serves 2025-era clients without sessions,
   * `2025-11-25` with them.
   */
  protocol?: "both" | "2026-07-28" | "2025-11-25";
  /** Anyone may list the tools, as on many real servers; calls require a token. */
  listsToolsOpenly?: boolean;
  /** The provider's answer about a token is cached for this many ms; 0 unless given. */
  introspectionCacheMs?: number;
}

export interface PracticeMcpServer {
  /** What a client is given, and the resource that tokens are issued for. */
  readonly url: string;
  readonly port: number;
  readonly resourceMetadataUrl: string;
  close(): Promise<void>;

  // What follows is for tests.

  /** The last 50,000 requests to the MCP endpoint in order of arrival; contains no secret. */
  readonly requests: readonly SeenMcpRequest[];
  /** The number of `initialize` handshakes. */
  readonly initializeCount: number;
  /** Names of the called tools, in order, without refused calls. */
  readonly toolCalls: readonly string[];
  forgetRequests(): void;
  /** The next requests, this many, are answered with 401, whatever their token; with Infinity until set to 0. */
  rejectTokensOnce(times: number): void;
  /** Each request waits this long before it is processed. */
  setLatency(ms: number): void;
  /** Ends all sessions (`2025-11-25` only), like a restart. */
  endSessions(): Promise<void>;
}

/** A real MCP server on 127.0.0.1 whose tools work on real files, protected by bearer tokens. */
export async function startMcpServer(options: McpServerOptions): Promise<PracticeMcpServer> {
  const listener = await openLoopbackListener(options.port);
  const url = `${listener.url}/mcp`;
  const scopes = options.scopes ?? { read: "files:read", write: "files:write" };
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(new URL(url));
  options.provider.registerResource(url, options.title);
  const guardOptions: BearerGuardOptions = {
    provider: options.provider,
    resource: url,
    resourceMetadataUrl,
    challengedScopes: [scopes.read, scopes.write].filter((scope) => scope !== null),
    cacheMs: options.introspectionCacheMs ?? 0,
  };
  const guard = bearerGuard(guardOptions);
  const mcp = mcpEndpoint({ ...options, scopes });
  const requests: SeenMcpRequest[] = [];
  let rejections = 0;
  let latencyMs = 0;

  const serveMcp = async (request: Request, seen: SeenMcpRequest): Promise<Response> => {
    if (latencyMs > 0) await delay(latencyMs);
    if (rejections > 0) {
      rejections -= 1;
      return challenge(guardOptions);
    }
    const isOpen = options.listsToolsOpenly && openMethods.has(seen.rpcMethod ?? "");
    if (isOpen && !request.headers.has("authorization")) return mcp.serve(request);
    const authInfo = await guard(request);
    if (authInfo instanceof Response) return authInfo;
    seen.account = accountOf(authInfo).id;
    return mcp.serve(request, authInfo);
  };
  const serve = async (request: Request): Promise<Response> => {
    const refused = hostHeaderValidationResponse(request, localhostAllowedHostnames());
    if (refused) return refused;
    const { pathname } = new URL(request.url);
    if (pathname === new URL(resourceMetadataUrl).pathname) {
      return resourceMetadata(options, guardOptions);
    }
    if (pathname !== "/mcp") return new Response("Not found", { status: 404 });
    const seen = await seenMcpRequest(request);
    if (requests.push(seen) > REQUESTS_KEPT) requests.shift();
    const response = await serveMcp(request, seen);
    seen.status = response.status;
    return response;
  };
  listener.serve(toNodeHandler({ fetch: serve }));

  return {
    url,
    port: listener.port,
    resourceMetadataUrl,
    close: async () => {
      await mcp.close();
      await listener.close();
    },
    requests,
    get initializeCount() {
      return requests.filter(({ rpcMethod }) => rpcMethod === "initialize").length;
    },
    get toolCalls() {
      return requests.flatMap(({ toolName, status }) =>
        toolName !== null && (status === null || status < 400) ? [toolName] : [],
      );
    },
    forgetRequests: () => {
      requests.length = 0;
    },
    rejectTokensOnce: (times) => {
      rejections = times;
    },
    setLatency: (ms) => {
      latencyMs = ms;
    },
    endSessions: () => mcp.endSessions(),
  };
}

/** What a client needs to read the list of tools, in either era of the protocol. */
const openMethods: ReadonlySet<string> = new Set([
  "initialize",
  "notifications/initialized",
  "server/discover",
  "tools/list",
  "ping",
]);

interface McpEndpoint {
  serve(request: Request, authInfo?: AuthInfo): Promise<Response>;
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

function mcpEndpoint(options: FileToolsOptions & Pick<McpServerOptions, "protocol">): McpEndpoint {
  const newServer = () => fileTools(options, accountOfCall);
  if (options.protocol === "2025-11-25") {
    const sessions = mcpSessions(newServer);
    return { serve: sessions.serve, endSessions: sessions.close, close: sessions.close };
  }
  const handler = createMcpHandler(newServer, {
    legacy: options.protocol === "2026-07-28" ? "reject" : "stateless",
  });
  return {
    serve: (request, authInfo) => handler.fetch(request, authInfo ? { authInfo } : {}),
    endSessions: async () => {},
    close: handler.close,
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc9728#section-2 */
function resourceMetadata(options: McpServerOptions, guard: BearerGuardOptions): Response {
  return Response.json({
    resource: guard.resource,
    resource_name: options.title,
    authorization_servers: [options.provider.issuer],
    scopes_supported: guard.challengedScopes,
    bearer_methods_supported: ["header"],
  });
}

function accountOfCall(context: ServerContext): Account {
  const authInfo = context.http?.authInfo;
  if (!authInfo) throw new Error("The call came without a token.");
  return accountOf(authInfo);
}

function accountOf(authInfo: AuthInfo): Account {
  return authInfo.extra?.account as Account;
}
