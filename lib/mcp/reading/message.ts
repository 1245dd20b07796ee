import type { JSONRPCErrorResponse, JSONRPCMessage, RequestId } from "@modelcontextprotocol/client";
import {
  boundedJsonOrNull,
  fieldsOf,
  isJsonObject,
  type JsonObject,
  mendedJson,
  objectsIn,
  parseBoundedJson,
  TooDeepJsonError,
  textIn,
  withExactIntegers,
} from "@/lib/bounded-json";
import { reasonIn } from "@/lib/mcp/reading/error-text";
import { type Awaited, readResult } from "@/lib/mcp/reading/result";
import { wellFormed } from "@/lib/untrusted-text";

/**
 * A message in JSON-RPC's form, from whatever a server sent; null: nothing usable. The
 * SDK rejects a whole message for one odd field, and its caller would wait in vain.
 *
 * @param awaited null: nothing, or more than one request that it could answer
 * @param alone the message is the entire answer to the request, whatever its id
 * @see https://www.jsonrpc.org/specification#response_object
 */
export function readMessage(
  value: unknown,
  awaited: Awaited | null,
  alone = false,
): JSONRPCMessage | null {
  if (!isJsonObject(value)) return alone && awaited ? bareAnswer(value, awaited) : null;
  const inner = alone || value.result !== undefined ? messageInside(value) : null;
  if (inner) return readMessage({ ...inner, id: value.id ?? inner.id }, awaited, alone);
  const { method, error, result } = value;
  const hasError = !(result === undefined || result === null ? isAbsent(error) : isNone(error));
  if (typeof method === "string" && !hasError && result === undefined) return readRequest(value);
  if (!hasError && result === undefined) {
    return alone && awaited ? bareAnswer(value, awaited) : null;
  }
  const id = answeredId(value.id, awaited, alone);
  if (id === null) return null;
  if (hasError) return { jsonrpc: "2.0", id, error: readError(error) };
  const known = awaited !== null && id === awaited.id ? awaited : null;
  return { jsonrpc: "2.0", id, result: readResult(result, known) };
}

/** Where gateways put the message of the server behind them. */
const envelopes = ["result", "body", "data", "response", "message", "payload", "raw"];

/** The answer in another object's field: an object, its JSON, or the text of a stream; null if there is none. */
function messageInside(value: JsonObject): JsonObject | null {
  for (const field of envelopes) {
    // A result that is a text is the tool's own, whatever it quotes.
    const text = field === "result" ? "" : (textIn(value[field]) ?? "");
    const isWrapped = text.includes('"jsonrpc"');
    const inner = isWrapped ? objectsIn(text).map(boundedJsonOrNull) : [value[field]];
    const answer = inner.find(
      (each): each is JsonObject =>
        isJsonObject(each) && each.jsonrpc !== undefined && ("result" in each || "error" in each),
    );
    if (answer) return answer;
  }
  return null;
}

/**
 * Whether a message that names another request, or none, can be the answer to this one: its error, or a result with the
 * marks of its method. Some gateways and servers answer with an id that they made up.
 */
export function mayAnswer(value: unknown, { method }: Awaited): boolean {
  if (!isJsonObject(value) || typeof value.method === "string") return false;
  if (!isAbsent(value.error)) return true;
  const { result } = value;
  return isJsonObject(result) && Boolean(bareResults[method]?.some((name) => name in result));
}

/** Of a server's own requests, which it may take back. */
const MOST_QUESTIONS = 1_000;

/**
 * How a server cancels a request that it was sent. By the specification it may not, and only its client may; some do so in
 * place of an answer that will never come.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/cancellation
 */
export class Cancellations {
  /** The ids of the server's own requests: it may take one back that has the number of one of Usher's. */
  readonly #asked = new Set<string>();

  /** What takes the place of the answer if no other comes; null: the message cancels nothing of Usher's. */
  read(message: JSONRPCMessage, awaited: Iterable<Awaited | null>): JSONRPCErrorResponse | null {
    if (!("method" in message)) return null;
    if ("id" in message) {
      if (this.#asked.size >= MOST_QUESTIONS) this.#asked.clear();
      this.#asked.add(String(message.id));
    }
    if (message.method !== "notifications/cancelled") return null;
    const { requestId, reason } = fieldsOf(message.params);
    const named = [...awaited].find((each) => each && isSameId(requestId, each.id));
    if (!named || this.#asked.has(String(requestId))) return null;
    const words = textIn(reason) || "It cancelled the call.";
    return { jsonrpc: "2.0", id: named.id, error: { code: NO_CODE, message: words } };
  }
}

/** A parsed text, with its lone surrogates repaired: only an escape can produce one. */
export function withoutHalfPairs(value: unknown, text: string): unknown {
  return /\\ud[89a-f]/i.test(text) ? wellFormed(value) : value;
}

/**
 * The JSON of an answer, also if it is only nearly JSON, or JSON in a text of JSON.
 *
 * @param awaited the request that it answers, if there is one
 * @throws SyntaxError it is not JSON; TooDeepJsonError it is nested too deep
 */
export function parseAnswer(text: string, awaited: Awaited | null = null): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const isOfTool = awaited?.method === "tools/call";
  const parse = (each: string) => parseBoundedJson(isOfTool ? withExactIntegers(each) : each);
  const value = parseOrMend(json, parse);
  const inner = typeof value === "string" && /^\s*[[{]/.test(value) ? parse(value) : value;
  return withoutHalfPairs(inner, text);
}

function parseOrMend(json: string, parse: (json: string) => unknown): unknown {
  try {
    return parse(json);
  } catch (error) {
    if (error instanceof TooDeepJsonError) throw error;
    return parse(mendedJson(json));
  }
}

function readRequest(value: Record<string, unknown>): JSONRPCMessage {
  const { id, params } = value;
  const method = String(value.method);
  const given = isJsonObject(params) ? { params: withoutNullMeta(params) } : {};
  return isId(id) ? { jsonrpc: "2.0", id, method, ...given } : { jsonrpc: "2.0", method, ...given };
}

function withoutNullMeta(params: Record<string, unknown>): Record<string, unknown> {
  if (params._meta === undefined || isJsonObject(params._meta)) return params;
  const { _meta: _, ...rest } = params;
  return rest;
}

const isAbsent = (error: unknown) => error === undefined || error === null || error === false;

/** Beside a result, an error without a code and without words says that there is none. */
function isNone(error: unknown): boolean {
  if (isAbsent(error) || error === "" || error === 0) return true;
  return isJsonObject(error) && Object.values(error).every((each) => isAbsent(each) || !each);
}

/** The request that it answers; null: unknown. */
function answeredId(id: unknown, awaited: Awaited | null, alone: boolean): RequestId | null {
  if (awaited && (alone || isSameId(id, awaited.id))) return awaited.id;
  // An error that a server returned before it had read the request.
  if (id === null || id === undefined || id === "") return awaited?.id ?? null;
  return isId(id) ? id : null;
}

/** Some servers return it as text, or as a number. */
export function isSameId(given: unknown, id: RequestId): boolean {
  const isPlain = typeof given === "string" || typeof given === "number";
  return isPlain && String(given) === String(id);
}

function isId(id: unknown): id is RequestId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

/** A result without its envelope. */
function bareAnswer(value: unknown, awaited: Awaited): JSONRPCMessage | null {
  if (!isJsonObject(value)) return null;
  const { id, method } = awaited;
  const known = bareResults[method]?.some((name) => value[name] !== undefined);
  return known ? { jsonrpc: "2.0", id, result: readResult(value, awaited) } : null;
}

/** The marks of each method's result. */
const bareResults: Readonly<Record<string, readonly string[]>> = {
  initialize: ["protocolVersion"],
  "server/discover": ["supportedVersions"],
  "tools/list": ["tools"],
  "tools/call": ["content", "structuredContent"],
  "resources/read": ["contents"],
};

/** For an error that has no code: the first of those that are left to servers. */
const NO_CODE = -32000;

function readError(error: unknown): { code: number; message: string; data?: unknown } {
  if (!isJsonObject(error)) {
    return { code: NO_CODE, message: reasonIn(error) || wordsIn(error) };
  }
  const { code, data } = error;
  const own = reasonIn(error.message) || wordsIn(error.message) || wordsIn(error.detail);
  const message = own || wordsIn(data) || reasonIn(error);
  const number = typeof code === "string" && code.trim() !== "" ? Number(code) : code;
  return {
    code: Number.isSafeInteger(number) ? (number as number) : NO_CODE,
    message,
    ...(data === undefined || data === null ? {} : { data }),
  };
}

function wordsIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (!isJsonObject(value) && !Array.isArray(value)) return "";
  return JSON.stringify(value);
}
