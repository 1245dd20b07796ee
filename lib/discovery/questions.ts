import { type DiscoveryContext, networkFailure } from "@/lib/discovery/context";

/** A request to an MCP server, and its label in the checklist. */
export interface Question {
  readonly asked: string;
  readonly init: RequestInit;
  /** It opens a session, in which the tools are asked for. */
  readonly opensSession?: boolean;
}

export const protocolVersions = { now: "2026-07-28", before: "2025-11-25" };
const client = { name: "usher", version: "1" };

/** In order, until one is answered: for its tools, for a handshake, and for its event stream. */
export function probeQuestions(serverUrl: string): Question[] {
  const { host } = new URL(serverUrl);
  return [
    { asked: `POST tools/list to ${host}, without a token`, init: asNow("tools/list") },
    {
      ...{ asked: `POST initialize to ${host}, without a token`, init: handshake() },
      opensSession: true,
    },
    {
      asked: `GET the event stream of ${host}, without a token`,
      init: { headers: { accept: "text/event-stream" } },
    },
  ];
}

/** A request as 2026-07-28 clients send it: each by itself, with the client's identity. */
export function asNow(method: string): RequestInit {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": protocolVersions.now,
    "io.modelcontextprotocol/clientInfo": client,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const headers = { "mcp-protocol-version": protocolVersions.now, "mcp-method": method };
  return jsonRpc(method, { _meta }, headers);
}

/** How earlier clients start. */
export function handshake(): RequestInit {
  const params = { protocolVersion: protocolVersions.before, capabilities: {}, clientInfo: client };
  return jsonRpc("initialize", params);
}

function jsonRpc(
  method: string,
  params: object,
  headers: Record<string, string> = {},
  id: number | null = 1,
): RequestInit {
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", ...(id === null ? {} : { id }), method, params }),
  };
}

/**
 * What follows a handshake: some servers ask for a token only then.
 * @param sessionId null: the server has no sessions
 */
export function inSession(serverUrl: string, sessionId: string | null) {
  const headers = {
    "mcp-protocol-version": protocolVersions.before,
    ...(sessionId === null ? {} : { "mcp-session-id": sessionId }),
  };
  const { host } = new URL(serverUrl);
  return {
    begun: jsonRpc("notifications/initialized", {}, headers, null),
    question: {
      asked: `POST tools/list to ${host} after the handshake, without a token`,
      init: jsonRpc("tools/list", {}, headers),
    } satisfies Question,
  };
}

/** An unused handshake would occupy a place on the server. */
export async function forgetSession(
  serverUrl: string,
  sessionId: string | null,
  ctx: DiscoveryContext,
): Promise<void> {
  if (sessionId === null) return;
  try {
    const headers = {
      "mcp-session-id": sessionId,
      "mcp-protocol-version": protocolVersions.before,
    };
    const response = await ctx.outbound(serverUrl, { method: "DELETE", headers });
    await response.body?.cancel();
  } catch (error) {
    networkFailure(error);
  }
}
