import { type JSONRPCMessage, PROTOCOL_VERSION_META_KEY } from "@modelcontextprotocol/client";
import { createParser } from "eventsource-parser";
import { parseAnswer } from "@/lib/mcp/reading/message";
import { setOwn } from "@/lib/net/fetch";
import { OutboundResponse } from "@/lib/net/response";

type StreamEvents = {
  /** The data of an event. `named`: of a kind other than the one that carries messages. */
  onData: (data: string, named: boolean, event: string | undefined) => void;
  /** Whatever arrived, including a keep-alive. */
  onActivity?: () => void;
  /** The id of the last event, from which a server can continue after a break. */
  onId: (id: string) => void;
  /** The server's requested delay before reopening, in ms. */
  onRetry: (ms: number) => void;
};

/** Of one event, in characters: a stream may stay open for hours, and has no limit of its own then. */
const MOST_OF_AN_EVENT = 16 * 1024 * 1024;

/**
 * Reads an event stream to its end.
 *
 * @throws what the stream breaks off with, or RangeError: an event is longer than any message
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function readEventStream(
  stream: ReadableStream<Uint8Array>,
  { onData, onId, onRetry, onActivity }: StreamEvents,
): Promise<void> {
  const decoder = new TextDecoder();
  const lines = new LineEnds();
  let ended = false;
  const body = new PlainBody();
  let strayLines: string[] = [];
  let sinceEvent = 0;
  const feed = (text: string) => {
    sinceEvent += text.length;
    body.add(text);
    parser.feed(text);
    if (sinceEvent > MOST_OF_AN_EVENT) throw new RangeError("An event of more than 16 MiB");
  };
  const parser = createParser({
    onEvent: ({ id, event, data: ofEvent }) => {
      sinceEvent = 0;
      body.isNone();
      const isWhole = strayLines.length === 0 || jsonOrNull(ofEvent) !== null;
      const data = isWhole ? ofEvent : [ofEvent, ...strayLines].join("\n");
      strayLines = [];
      // An event cut in the middle does not count: it is requested again.
      if (ended && jsonOrNull(data) === null) return;
      if (id) onId(id);
      if (data !== "") onData(data, event !== undefined && !CARRIERS.has(event), event);
    },
    // JSON over several lines, of which only the first is marked as data.
    onError: ({ line }) => {
      if (line !== undefined && /^[\s"{}[\]]/.test(line)) strayLines.push(line);
    },
    onRetry,
  });
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    onActivity?.();
    try {
      feed(lines.unified(decoder.decode(value, { stream: true })));
    } catch (error) {
      await reader.cancel(error);
      throw error;
    }
  }
  // Many servers omit the empty line after the last event.
  ended = true;
  feed(`${lines.unified(decoder.decode())}\n\n`);
  if (body.text !== "") onData(body.text, false, undefined);
}

/** Kinds of events that carry messages, or say why there is none. */
const CARRIERS: ReadonlySet<string> = new Set(["", "message", "error"]);

/** A body of JSON that a server sends under the type of a stream: no line of a stream begins like one. */
class PlainBody {
  #pieces: string[] | null = [];

  get text(): string {
    return this.#pieces?.join("") ?? "";
  }

  add(text: string): void {
    if (this.#pieces === null || (this.#pieces.length === 0 && text.trim() === "")) return;
    if (this.#pieces.length > 0 || /^\s*[[{]/.test(text)) this.#pieces.push(text);
    else this.#pieces = null;
  }

  /** There are events. */
  isNone(): void {
    this.#pieces = null;
  }
}

/** A line may end in CR alone, which the parser would hold back until it knows what follows. */
class LineEnds {
  #afterReturn = false;

  unified(text: string): string {
    if (text === "") return text;
    const rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    return rest.includes("\r") ? rest.replace(/\r\n?/g, "\n") : rest;
  }
}

/** In lower case and without parameters; "" if there is none. */
export function mediaType(response: Response): string {
  const type =
    response instanceof OutboundResponse
      ? response.header("content-type")
      : response.headers.get("content-type");
  return (type ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
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
