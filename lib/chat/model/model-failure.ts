import { APICallError, RetryError } from "ai";
import type { TurnErrorPart } from "@/lib/contracts/chat/chat";
import {
  InvalidInputError,
  OutboundRefusedError,
  SealedBoxError,
  UnreachableError,
  type UsherError,
} from "@/lib/errors";
import { type FailureKind, failureKind, mayBeTooManyTools } from "./failure-kind";

/** What failed, for people and for the log. The provider's own text stays out: it may quote a key. */
export type ModelFailure = TurnErrorPart & {
  log: Record<string, unknown>;
  /** A shorter history may be accepted. */
  tooLong?: boolean;
};

export type ModelFailureContext = {
  name: string;
  keyName: string | null;
  tools: number;
};

export function explainModelFailure(thrown: unknown, model: ModelFailureContext): ModelFailure {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  if (error instanceof InvalidInputError) {
    return { message: error.userMessage, retryable: true, log: { error: error.name } };
  }
  const unasked = whyNotAsked(error);
  if (unasked) {
    const { name, userMessage } = unasked;
    return { message: `${userMessage} Then retry.`, retryable: true, log: { error: name } };
  }
  const said = whatWasSaid(error);
  const name = error instanceof Error ? error.name : typeof error;
  const found = said && failureKind(said);
  // Without a status, unrecognized text means an answer that broke off.
  if (said && found && !(found === "refused" && said.status === null)) {
    const kind = mayBeTooManyTools(found, model.tools) ? "too_many_tools" : found;
    const { status, code } = said;
    const log = {
      error: name,
      kind,
      ...(status === null ? {} : { status }),
      ...(code === null ? {} : { providerCode: code }),
    };
    const message = failureWords(kind, said, model);
    return { message, retryable: true, log, ...(kind === "too_long" ? { tooLong: true } : {}) };
  }
  if (name === "AbortError" || name === "TimeoutError") {
    const message = `The model (${model.name}) sent nothing for too long. Nothing was lost. Retry.`;
    return { message, retryable: true, log: { error: name } };
  }
  const code = connectionCode(error);
  return {
    message: `The answer of the model (${model.name}) broke off or could not be fetched. What was written is kept. Retry.`,
    retryable: true,
    log: { error: name, ...(code ? { connectionCode: code } : {}) },
  };
}

type Said = {
  /** Null: an error inside a stream that started well. */
  status: number | null;
  code: string | null;
  /** All text from the provider, to be searched and never shown. */
  words: string;
  /** From `Retry-After`, in ms. */
  retryAfterMs: number | null;
};

/** What the provider said, with a status or in the middle of a stream; null: it said nothing. */
function whatWasSaid(error: unknown): Said | null {
  if (APICallError.isInstance(error) && (error.statusCode ?? 0) >= 400) {
    return {
      status: error.statusCode ?? null,
      code: providerCode(error.data) ?? providerCode(parsed(error.responseBody)),
      words: `${error.message} ${error.responseBody ?? ""}`.slice(0, 4_000),
      retryAfterMs: retryAfter(error.responseHeaders),
    };
  }
  // A provider's package passes on what was in the stream: the text, an object, or an error made from them.
  if (error instanceof Error && "code" in error && connectionCode(error)) return null;
  const words = typeof error === "string" ? error : isObject(error) ? wordsOf(error) : "";
  if (words === "" || (error instanceof Error && isOfPlatform(error))) return null;
  const value = parsed(words) ?? error;
  return { status: statusOf(value), code: providerCode(value), words, retryAfterMs: null };
}

function wordsOf(error: object): string {
  const { message, responseBody, value } = error as Record<string, unknown>;
  const own = typeof message === "string" ? message : "";
  const more = [responseBody, value].map((each) =>
    typeof each === "string" ? each : isObject(each) ? JSON.stringify(each) : "",
  );
  const text = [own, ...more].join(" ").trim() || JSON.stringify(error);
  return text.slice(0, 4_000);
}

/** From fetch, the AI SDK itself, or a signal: not said by the provider. */
function isOfPlatform(error: Error): boolean {
  return /^(AbortError|TimeoutError|TypeError|SyntaxError|AI_(?!APICallError))/.test(error.name);
}

function failureWords(kind: FailureKind, said: Said, model: ModelFailureContext): string {
  const reason = [said.status, said.code].filter((each) => each !== null).join(", ");
  const because = reason === "" ? "" : ` (${reason})`;
  const check = model.keyName ? ` An admin checks ${model.keyName}.` : "";
  switch (kind) {
    case "too_long":
      return `This conversation is too long for the model${because}, even shortened. Start a new one, or ask for less at once.`;
    case "too_many_tools":
      return `The model's provider refused the request${because}. This assistant has ${model.tools} tools, and that is more than the model takes: an admin chooses fewer.`;
    case "no_credit":
      return `The account at the model's provider has no credit left${because}. An admin adds some; then retry.`;
    case "key_refused":
      return `The model's provider refused Usher's key${because}.${check}`;
    case "no_such_model":
      return `The provider does not know the model ${model.name}${because}. An admin corrects its name.`;
    case "too_many_requests": {
      const wait = said.retryAfterMs === null ? "a minute" : seconds(said.retryAfterMs);
      return `The model's provider has had too many requests${because}. Nothing was lost. Wait ${wait}, then retry.`;
    }
    case "overloaded":
      return `The model's provider has a temporary problem${because}. Nothing was lost. Retry in a while.`;
    case "image_refused":
      return `The model does not take images${because}. An admin chooses a model that does.`;
    case "tool_refused":
      return `The model's provider refused the description of a tool${because}, and did not say which. An admin chooses fewer tools, or another model.`;
    case "filtered":
      return `The model's provider refused this message by its own rules${because}. Put it in other words.`;
    case "refused":
      return `The model's provider refused the request${because}. Retry; if it stays, an admin checks the model and its tools.`;
  }
}

function seconds(ms: number): string {
  const count = Math.max(1, Math.ceil(ms / 1000));
  if (count === 1) return "a second";
  return count < 90 ? `${count} seconds` : `${Math.ceil(count / 60)} minutes`;
}

function retryAfter(headers: Record<string, string> | undefined): number | null {
  const milliseconds = Number(headers?.["retry-after-ms"]);
  if (milliseconds > 0) return milliseconds;
  const value = headers?.["retry-after"];
  if (value === undefined) return null;
  const ms = /^[\d.]+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? ms : null;
}

/** The provider's own code, such as `rate_limit_exceeded`, if it looks like one. */
function providerCode(data: unknown): string | null {
  const outer = isObject(data) ? (data as Record<string, unknown>) : {};
  const inner = isObject(outer.error) ? (outer.error as Record<string, unknown>) : outer;
  const codes = [inner.code, inner.type, inner.status, outer.type];
  const code = codes.find((each) => typeof each === "string" && /^[a-z][a-z_]{2,60}$/i.test(each));
  return typeof code === "string" ? code.toLowerCase() : null;
}

function statusOf(value: unknown): number | null {
  if (!isObject(value)) return null;
  const { code, status, statusCode, error } = value as Record<string, unknown>;
  // The gateway's package throws its own kind of errors.
  const found = [code, status, statusCode].find(
    (each) => Number.isInteger(each) && Number(each) >= 400,
  );
  if (found !== undefined && Number(found) < 600) return Number(found);
  return isObject(error) ? statusOf(error) : null;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null;
  }
}

/** The model was not called at all. */
function whyNotAsked(error: unknown): UsherError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof OutboundRefusedError || cause instanceof SealedBoxError) return cause;
    const never: readonly string[] = ["proxy", "dns", "tls", "connect"];
    if (cause instanceof UnreachableError && never.includes(cause.reason)) return cause;
  }
  return null;
}

function connectionCode(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && /^[A-Z_]{3,40}$/.test(code)) return code;
  }
  return null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
