import { APICallError, RetryError } from "ai";
import { errorText, reasonIn } from "@/lib/mcp/reading/error-text";
import { parseLimitReset, parseRetryAfter, resetToldIn, waitToldIn } from "@/lib/retry-after";
import { providerText } from "@/lib/untrusted-text";

/** What a model's provider said of a failure. */
export type Said = {
  /** Null: an error inside a stream that started well. */
  status: number | null;
  code: string | null;
  /** All text from the provider, to be searched and never shown. */
  words: string;
  /** The part meant for people, safe to quote; null if nothing is. */
  sentence: string | null;
  /** How long to wait, from `Retry-After` or its words, in ms. */
  retryAfterMs: number | null;
  /** When a limit is over, in the provider's words. */
  resetsAt: string | null;
};

const mostWords = 20_000;
/** No pattern goes on past it: words on both sides were not said together. */
const seam = "\n.。\n";
/** A comma before the next field of JSON, also of JSON within a text, or of a dictionary of Python's. */
const beforeField = /,(?=\s*\\*["'][\w.-]{1,60}\\*["']\s*:)/g;

/** All that was said, to be searched, without joining what stood in two fields. */
function apart(texts: readonly string[]): string {
  const fields = texts.map((text) => text.slice(0, mostWords).replace(beforeField, `,${seam}`));
  return fields.join(seam).slice(0, mostWords);
}

/** Of a stream as Usher passes it on: the packages give a failure in it a status that nobody sent. */
export const streamHeader = "usher-stream";

/** What the provider said, with a status or in the middle of a stream; null: it said nothing. */
export function whatWasSaid(thrown: unknown): Said | null {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  if (APICallError.isInstance(error)) {
    const { statusCode = 0, message, responseBody = "", responseHeaders: headers = {} } = error;
    const body = parsed(responseBody);
    // Without a body it is the package's own word for a connection that broke.
    if (streamHeader in headers) return isObject(body) ? saidInStream(body) : null;
    if (statusCode < 400 && responseBody === "") return null;
    const words = apart([message, responseBody]);
    const resets = statusCode === 429 ? [headers, passedOn(body)] : [];
    return {
      status: statusCode < 400 ? statusOf(body) : statusCode,
      code: providerCode(error.data) ?? providerCode(body),
      words,
      sentence: quotable(errorText(responseBody)),
      retryAfterMs: retryAfter(headers) ?? waitToldIn(words) ?? limitReset(resets),
      resetsAt: resetToldIn(words),
    };
  }
  // A provider's package passes on what was in the stream: the text, an object, or an error made from them.
  if (error instanceof Error && "code" in error && connectionCode(error)) return null;
  const told = error instanceof Error && isOfPlatform(error) ? unreadFailure(error) : error;
  if (typeof told !== "string" && !isObject(told)) return null;
  // OpenAI's package keeps the event beside what it made of it.
  const { data, isRetryable } = fieldsOf(told);
  const isMade = !(told instanceof Error) && isRetryable !== undefined && isObject(data);
  return saidInStream(isMade ? data : told);
}

function saidInStream(told: string | object): Said | null {
  const inner = messageIn(told);
  const isWhole = isObject(parsed(inner));
  const texts = isWhole ? [inner] : typeof told === "string" ? [told] : textsOf(told);
  const [only = ""] = texts;
  if (only.trim() === "") return null;
  const words = apart(texts);
  const value = (texts.length === 1 ? parsed(only) : null) ?? told;
  const status = statusOf(value);
  // An error without a status may be of any part of Usher, and half an event may be half an answer.
  const isProviders = !(told instanceof Error) || status !== null;
  const reason = isObject(value) ? reasonIn(value) : value;
  const isSaid = isProviders && typeof reason === "string" && !/^\[?\s*\{/.test(reason);
  return {
    status,
    code: providerCode(value),
    words,
    sentence: isSaid ? quotable(reason) : null,
    retryAfterMs: waitToldIn(words),
    resetsAt: resetToldIn(words),
  };
}

/** A failure in another form than the usual one is the text of the message. */
function messageIn(told: string | object): string {
  const outer = fieldsOf(told);
  const { message } = isObject(outer.error) ? fieldsOf(outer.error) : outer;
  return typeof message === "string" ? message : "";
}

/** A key that is too short to be known by its length, or what is left of a masked one. */
const likeAKey =
  /(?<![a-z])(?:sk|pk|rk|key|api|token|bearer|basic)[-_ :=]+["']?[\w.*-]*\d[\w.*-]*|\S*\*{2,}\S*/gi;

/** Of markup, nothing. */
function quotable(reason: string): string | null {
  const shown = providerText(reason.replace(likeAKey, "…"));
  return shown !== null && /\p{L}{2}/u.test(shown) && !shown.startsWith("<") ? shown : null;
}

/** The code of a connection that failed, such as `ECONNRESET`. */
export function connectionCode(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_]{3,40}$/.test(code)) return code;
  }
  return null;
}

/** From fetch, the AI SDK itself, or a signal: not said by the provider. */
function isOfPlatform(error: Error): boolean {
  return /^(AbortError|TimeoutError|TypeError|SyntaxError|AI_(?!APICallError))/.test(error.name);
}

/**
 * A piece of a stream that the AI SDK could not read, if it reports a failure in another form than the usual one. A
 * piece of an answer does not: its words are the model's.
 */
function unreadFailure(error: Error): unknown {
  const { value, text } = error as { value?: unknown; text?: unknown };
  if (error.name === "AI_JSONParseError" && typeof text === "string") {
    return /^\s*[{[]/.test(text) ? null : text;
  }
  if (error.name !== "AI_TypeValidationError" || !isObject(value)) return null;
  const { choices, ...rest } = fieldsOf(value);
  const isAnswer = Array.isArray(choices) && choices.length > 0;
  return !isAnswer && hasFailure(rest) ? JSON.stringify(value) : null;
}

const failureFields = [
  ...["error", "errors", "error_msg", "error_message", "message", "msg", "detail", "base_resp"],
];

/** Whether a piece of a stream has a field in which some servers report a failure. */
export function hasFailure(piece: Readonly<Record<string, unknown>>): boolean {
  return failureFields.some((field) => Boolean(piece[field]));
}

function textsOf(error: object): string[] {
  const { message, responseBody, value } = fieldsOf(error);
  const own = typeof message === "string" ? message : "";
  const more = [responseBody, value].map((each) =>
    typeof each === "string" ? each : isObject(each) ? JSON.stringify(each) : "",
  );
  const texts = [own, ...more].map((text) => text.trim()).filter((text) => text !== "");
  return texts.length > 0 ? texts : [JSON.stringify(error)];
}

function retryAfter(headers: Record<string, string>): number | null {
  const milliseconds = Number(headers["retry-after-ms"]);
  if (milliseconds > 0) return milliseconds;
  return parseRetryAfter(new Headers(headers), new Date()) || null;
}

function limitReset(given: readonly Record<string, string>[]): number | null {
  const waits = given.map((headers) => parseLimitReset(new Headers(headers), new Date()));
  return waits.find((wait) => (wait ?? 0) > 0) ?? null;
}

/** The headers of the provider behind a gateway, as the gateway's body repeats them. */
function passedOn(body: unknown): Record<string, string> {
  const { metadata } = fieldsOf(fieldsOf(body).error);
  const headers = Object.entries(fieldsOf(fieldsOf(metadata).headers));
  return Object.fromEntries(
    headers.flatMap(([name, value]) => (/^[\w-]+$/.test(name) ? [[name, String(value)]] : [])),
  );
}

/** The provider's own code, such as `rate_limit_exceeded`, if it looks like one. */
function providerCode(data: unknown): string | null {
  const outer = fieldsOf(Array.isArray(data) ? data[0] : data);
  const inner = isObject(outer.error) ? fieldsOf(outer.error) : outer;
  const codes = [inner.code, inner.type, inner.status, outer.type];
  const isCode = (each: unknown) => /^(?!error$)[a-z][a-z_]{2,60}$/i.test(String(each));
  const code = codes.find((each) => typeof each === "string" && isCode(each));
  return typeof code === "string" ? code.toLowerCase() : null;
}

function statusOf(value: unknown): number | null {
  if (Array.isArray(value)) return statusOf(value[0]);
  if (!isObject(value)) return null;
  const { code, status, statusCode, error } = fieldsOf(value);
  // The gateway's package throws its own kind of errors; some servers write the number as text.
  const found = [code, status, statusCode].find((each) => /^[45]\d\d$/.test(String(each)));
  return found === undefined ? statusOf(error) : Number(found);
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? (value as Record<string, unknown>) : {};
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
