import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";

export interface GuardedMcpServer {
  readonly url: string;
  /** The issuer whose tokens it accepts, and names in its metadata; may be changed. */
  authorizationServer: {
    issuer: string;
    grantOf(token: string): { scopes: readonly string[] } | null;
  };
  /** Names of the tools that ran. */
  readonly toolCalls: readonly string[];
  /** Bearer tokens received, valid or not. */
  readonly tokens: readonly string[];
  close(): Promise<void>;
}

/** What is published about it, and what its tools require. */
export interface GuardedMcpServerOptions {
  /** Named in the challenge; absent: it names no scope. */
  challengedScope?: string;
  scopesSupported?: string[];
  resourceName?: string;
  /** By tool: the scope without which a call is answered with 403. */
  toolScopes?: Record<string, string>;
  /** An open MCP server behind it, instead of its own two tools. */
  upstreamUrl?: string;
}

/** An MCP server with the tools `read` and `write`, protected by tokens of the given server. */
export async function startGuardedMcpServer(
  authorizationServer: GuardedMcpServer["authorizationServer"],
  options: GuardedMcpServerOptions = {},
): Promise<GuardedMcpServer> {
  const listener = await openLoopbackListener();
  const url = `${listener.url}/mcp`;
  const metadataUrl = `${listener.url}/.well-known/oauth-protected-resource/mcp`;
  const toolCalls: string[] = [];
  const tokens: string[] = [];
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "Guarded", version: "1.0.0" });
    for (const name of ["read", "write"]) {
      const annotations = { readOnlyHint: name === "read" };
      server.registerTool(name, { inputSchema: z.object({}), annotations }, async () => {
        toolCalls.push(name);
        return { content: [{ type: "text", text: `Did ${name}.` }] };
      });
    }
    return server;
  });
  const challenge = (status: number, error: string, scope: string | undefined) =>
    Response.json(
      { error },
      {
        status,
        headers: {
          "www-authenticate": `Bearer error="${error}", resource_metadata="${metadataUrl}"${scope ? `, scope="${scope}"` : ""}`,
        },
      },
    );
  const server: GuardedMcpServer = {
    url,
    authorizationServer,
    toolCalls,
    tokens,
    close: async () => {
      await handler.close();
      await listener.close();
    },
  };
  const serve = async (request: Request): Promise<Response> => {
    if (request.url.startsWith(metadataUrl)) {
      return Response.json({
        resource: url,
        authorization_servers: [server.authorizationServer.issuer],
        ...(options.resourceName ? { resource_name: options.resourceName } : {}),
        ...(options.scopesSupported ? { scopes_supported: options.scopesSupported } : {}),
      });
    }
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token) tokens.push(token);
    const grant = token ? server.authorizationServer.grantOf(token) : null;
    if (!grant) return challenge(401, "invalid_token", options.challengedScope);
    const wanted = await wantedScope(request, options.toolScopes ?? {});
    if (wanted && !grant.scopes.includes(wanted)) {
      return challenge(403, "insufficient_scope", wanted);
    }
    return options.upstreamUrl ? passOn(request, options.upstreamUrl) : handler.fetch(request);
  };
  listener.serve(toNodeHandler({ fetch: serve }));
  return server;
}

/** Everything except the token, which is not for the server behind it. */
async function passOn(request: Request, upstreamUrl: string): Promise<Response> {
  const names = [
    "accept",
    "content-type",
    "last-event-id",
    "mcp-session-id",
    "mcp-protocol-version",
  ];
  const headers = names.flatMap((name) => {
    const value = request.headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });
  const { method, signal } = request;
  const body = method === "POST" ? await request.text() : null;
  const response = await fetch(upstreamUrl, { method, headers, body, signal });
  return new Response(response.body, response);
}

async function wantedScope(
  request: Request,
  toolScopes: Record<string, string>,
): Promise<string | undefined> {
  if (request.method !== "POST") return undefined;
  const message = (await request.clone().json()) as { method?: string; params?: { name?: string } };
  return message.method === "tools/call" ? toolScopes[message.params?.name ?? ""] : undefined;
}
