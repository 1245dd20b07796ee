import { type JSONRPCMessage, PROTOCOL_VERSION_META_KEY } from "@modelcontextprotocol/client";
import { parseAnswer } from "@/lib/mcp/reading/message";
import { setOwn } from "@/lib/net/fetch";
import { OutboundResponse } from "@/lib/net/response";

/** One header, without creating all of them; of repeated ones, the first. */
export function headerOf(response: Response, name: string): string {
  const value =
    response instanceof OutboundResponse ? response.header(name) : response.headers.get(name);
  return value ?? "";
}

/** In lower case and without parameters; "" if there is none. */
export function mediaType(response: Response): string {
  return headerOf(response, "content-type").split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? "";
}

/** Null: it is not JSON, or is nested too deep. */
export function jsonOrNull(text: string): unknown {
  try {
    return parseAnswer(text);
  } catch {
    return null;
  }
}

export type Session = {
  id: string | undefined;
  /** From the 2025-era handshake; a 2026-era request names its own. */
  protocolVersion: string | undefined;
};

/** The subject of a request, as `Mcp-Name` shows it to proxies. */
const NAME_OF: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};

/** Always set by the transport. */
const RESERVED: ReadonlySet<string> = new Set([
  "authorization",
  "dpop",
  "content-type",
  "mcp-protocol-version",
  "mcp-method",
  "mcp-name",
  "mcp-session-id",
]);

/**
 * The headers of one message, with names in lower case.
 *
 * @param own those that the admin entered
 * @param ofMessage those that the SDK's client requires for this message only
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http
 */
export function messageHeaders(
  own: Readonly<Record<string, string>>,
  session: Session,
  message: JSONRPCMessage,
  ofMessage: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const headers = sessionHeaders(own, session);
  if ("method" in message) addFromBody(headers, message);
  for (const [name, value] of Object.entries(ofMessage)) {
    const lowerCase = name.toLowerCase();
    if (!RESERVED.has(lowerCase)) setOwn(headers, lowerCase, value);
  }
  headers["content-type"] = "application/json";
  headers.accept = "application/json, text/event-stream";
  return headers;
}

export function sessionHeaders(
  own: Readonly<Record<string, string>>,
  { id, protocolVersion }: Session,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) setOwn(headers, name.toLowerCase(), value);
  if (protocolVersion !== undefined) headers["mcp-protocol-version"] = protocolVersion;
  if (id !== undefined) headers["mcp-session-id"] = id;
  return headers;
}

function addFromBody(
  headers: Record<string, string>,
  message: Extract<JSONRPCMessage, { method: string }>,
): void {
  // The handshake starts a session; it belongs to none.
  if (message.method === "initialize") delete headers["mcp-session-id"];
  const version = modernVersion(message);
  if (version === null) return;
  headers["mcp-protocol-version"] = version;
  headers["mcp-method"] = message.method;
  const field = Object.hasOwn(NAME_OF, message.method) ? NAME_OF[message.method] : undefined;
  const name = field === undefined ? undefined : message.params?.[field];
  if (typeof name === "string") headers["mcp-name"] = headerValue(name);
}

/** The protocol version in a 2026-era request; null: another message. */
export function modernVersion(message: JSONRPCMessage): string | null {
  if (!("method" in message) || !("id" in message)) return null;
  const version = message.params?._meta?.[PROTOCOL_VERSION_META_KEY];
  return typeof version === "string" ? version : null;
}

/** Text that a header cannot carry is sent in base64 and marked. */
function headerValue(text: string): string {
  const plain = /^[\t\x20-\x7e]+$/.test(text) && text === text.trim();
  if (plain && !(text.startsWith("=?base64?") && text.endsWith("?="))) return text;
  return `=?base64?${Buffer.from(text).toString("base64")}?=`;
}
