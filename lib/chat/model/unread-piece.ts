import { randomUUID } from "node:crypto";
import type { LanguageModelV3FinishReason, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { isJsonObject, type JsonObject } from "@/lib/mcp/reading/json-object";
import { hasFailure } from "./provider-words";

/** What of an answer is in a piece of a stream that the AI SDK could not read. */
export type UnreadPiece = {
  parts: LanguageModelV3StreamPart[];
  /** Why the answer ended, if the piece says so. */
  end: LanguageModelV3FinishReason | null;
};

/** Of Anthropic and OpenAI; a gateway adds others, which say nothing of the answer. */
const knownEvents = /^(message_|content_block_|response\.|error$)/;

/**
 * One odd piece of a stream does not end the answer: a piece without anything of an answer is skipped, and one with
 * whole calls or text is read here. Null: it reports a failure, or what it says would be lost.
 */
export function readUnreadPiece(error: unknown): UnreadPiece | null {
  if (!(error instanceof Error) || error.name !== "AI_TypeValidationError") return null;
  const { value } = error as { value?: unknown };
  const nothing: UnreadPiece = { parts: [], end: null };
  if (!isJsonObject(value)) return nothing;
  const { type, choices } = value;
  if (hasFailure(value)) return null;
  if (typeof type === "string") return knownEvents.test(type) ? null : nothing;
  if (!Array.isArray(choices) || choices.length === 0) return nothing;
  return isJsonObject(choices[0]) ? readChoice(choices[0]) : null;
}

function readChoice({ delta, message, finish_reason: reason }: JsonObject): UnreadPiece | null {
  const written = delta ?? message ?? {};
  if (!isJsonObject(written)) return null;
  const { content, reasoning_content: reasoning, tool_calls: calls } = written;
  const parts = [...piece("reasoning", reasoning), ...piece("text", content)];
  const read = Array.isArray(calls) ? calls.map(readCall) : [];
  const whole = read.filter((each) => each !== null);
  if (whole.length < read.length || (parts.length === 0 && read.length === 0 && content))
    return null;
  return { parts: [...parts, ...whole], end: typeof reason === "string" ? endOf(reason) : null };
}

function piece(kind: "text" | "reasoning", written: unknown): LanguageModelV3StreamPart[] {
  if (typeof written !== "string" || written === "") return [];
  const id = `unread-${randomUUID()}`;
  return [
    { type: `${kind}-start`, id },
    { type: `${kind}-delta`, id, delta: written },
    { type: `${kind}-end`, id },
  ];
}

/** Null: its arguments are not here, or not all of them. */
function readCall(call: unknown): LanguageModelV3StreamPart | null {
  const { id, function: called } = isJsonObject(call) ? call : {};
  const { name, arguments: given } = isJsonObject(called) ? called : {};
  if (typeof name !== "string" || name === "" || !isJsonObject(given)) return null;
  const toolCallId = typeof id === "string" && id !== "" ? id : randomUUID();
  return { type: "tool-call", toolCallId, toolName: name, input: JSON.stringify(given) };
}

function endOf(raw: string): LanguageModelV3FinishReason {
  switch (raw) {
    case "stop":
    case "length":
      return { unified: raw, raw };
    case "content_filter":
      return { unified: "content-filter", raw };
    case "tool_calls":
    case "function_call":
      return { unified: "tool-calls", raw };
    default:
      return { unified: "other", raw };
  }
}
