import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/client";

/** How long a server of unknown era has for the first question, in ms. Older ones may not answer it at all. */
export const PROBE_MS = 5_000;

/**
 * `server/discover`, the first question to a server of unknown era. It proves nothing: gateways answer
 * with 401, 403, 5xx or a page to a method that they do not know. Anything that is not an answer to it is turned into a
 * "method not found", after which the SDK continues with the older handshake; only the answer to that
 * says something about the server and the account.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/lifecycle
 */
export function probeId(message: JSONRPCMessage): RequestId | null {
  if (!("method" in message) || message.method !== "server/discover") return null;
  return "id" in message ? message.id : null;
}

export function probeRefused(id: RequestId): JSONRPCMessage {
  return { jsonrpc: "2.0", id, error: { code: -32601, message: "No answer to server/discover" } };
}
