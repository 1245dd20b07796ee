import {
  type JSONRPCMessage,
  type JSONRPCResultResponse,
  parseJSONRPCMessage,
} from "@modelcontextprotocol/client";
import { createParser } from "eventsource-parser";
import { parseBoundedJson } from "@/lib/bounded-json";
import { OutboundResponse } from "@/lib/net/response";

type StreamEvents = {
  /** The data of an event of the kind that carries messages. */
  onData: (data: string) => void;
  /** The id of the last event, from which a server can go on after a break. */
  onId: (id: string) => void;
  /** How long the server asks to wait before its stream is opened again, in ms. */
  onRetry: (ms: number) => void;
};

/**
 * Reads an event stream to its end.
 *
 * @throws what the stream breaks off with
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function readEventStream(
  stream: ReadableStream<Uint8Array>,
  { onData, onId, onRetry }: StreamEvents,
): Promise<void> {
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      if (id) onId(id);
      if (data !== "" && (!event || event === "message")) onData(data);
    },
    onRetry,
  });
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

/** A message of JSON-RPC. @throws ZodError it is none */
export function readMessage(value: unknown): JSONRPCMessage {
  return isPlainResult(value) ? value : parseJSONRPCMessage(value);
}

/**
 * What the SDK's own check lets through, at a fraction of its cost: nearly all messages are results,
 * and the SDK checks them itself when they are handed on. All else goes to the general parser.
 */
function isPlainResult(value: unknown): value is JSONRPCResultResponse {
  if (!isObject(value)) return false;
  const { jsonrpc, id, result, ...rest } = value;
  return (
    jsonrpc === "2.0" &&
    (Number.isSafeInteger(id) || typeof id === "string") &&
    isObject(result) &&
    (result._meta === undefined || isObject(result._meta)) &&
    Object.keys(rest).length === 0
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In lower case and without parameters; "" where there is none. */
export function mediaType(response: Response): string {
  const type =
    response instanceof OutboundResponse
      ? response.header("content-type")
      : response.headers.get("content-type");
  return (type ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Null: it is no JSON, or nests too deep. */
export function jsonOrNull(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return null;
  }
}
