import { randomUUID } from "node:crypto";
import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import {
  endOfString,
  parseBoundedJson,
  TooDeepJsonError,
  withExactIntegers,
} from "@/lib/bounded-json";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { wellFormed } from "@/lib/untrusted-text";
import { gatherDeltas, taggedReasoning } from "./answer-stream";

/**
 * The arguments of a call as a model wrote them. The AI SDK rejects a parameter named
 * `__proto__`, which a tool may have.
 *
 * @param isTool whether there is a tool of this name
 */
export function withNamedInput(chunk: ChatChunk, isTool: (name: string) => boolean): ChatChunk {
  if (chunk.type !== "tool-input-error") return chunk;
  const { toolCallId, toolName } = chunk;
  const input = typeof chunk.input === "string" ? argumentsIn(chunk.input) : null;
  if (input !== null && isTool(toolName)) {
    return { type: "tool-input-available", dynamic: true, toolCallId, toolName, input };
  }
  return chunk;
}

function argumentsIn(text: string): Record<string, unknown> | null {
  try {
    const value = parseBoundedJson(text);
    return isArguments(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * The same model, its deltas merged, with tool calls as intended: names as they were sent, arguments as JSON of one
 * object. Anything nested deeper than the AI SDK can walk is rejected. What goes to the model is valid UTF-8.
 *
 * @param nameOf the sent name, from the one that the model wrote
 */
export function readableCalls(
  model: Exclude<LanguageModel, string>,
  nameOf: (name: string) => string,
): LanguageModel {
  if (model.specificationVersion !== "v3") return model;
  const middleware: LanguageModelMiddleware = {
    specificationVersion: "v3",
    transformParams: async ({ params }) => ({ ...params, prompt: wellFormed(params.prompt) }),
    wrapStream: async ({ doStream }) => {
      const { stream, ...rest } = await doStream();
      return { ...rest, stream: gatherDeltas(stream).pipeThrough(readable(nameOf)) };
    },
  };
  return wrapLanguageModel({ model, middleware });
}

function readable(
  nameOf: (name: string) => string,
): TransformStream<LanguageModelV3StreamPart, LanguageModelV3StreamPart> {
  const asMeant = (part: LanguageModelV3StreamPart): LanguageModelV3StreamPart => {
    switch (part.type) {
      case "tool-call":
        return { ...part, toolName: nameOf(part.toolName), input: meantArguments(part.input) };
      case "tool-input-start":
        return { ...part, toolName: nameOf(part.toolName) };
      default:
        return part;
    }
  };
  const apart = taggedReasoning();
  return new TransformStream({
    transform(part, controller) {
      for (const each of apart(part)) controller.enqueue(asMeant(each));
    },
  });
}

/** Not JSON: the AI SDK rejects the call like any with unreadable arguments. */
const unreadable = "(nests too deep)";
const fence = /^```(?:json)?\s*\n?([\s\S]*?)\n?```$/i;

/**
 * A call's arguments as JSON of one object, from what a model wrote: `null` and an empty text mean none, and an
 * object may be fenced, encoded twice, or the only one of a list, with line ends in its texts. Anything else stays,
 * and is rejected.
 */
export function meantArguments(text: string): string {
  const inner = fence.exec(text.trim())?.[1] ?? text;
  try {
    let value = parseExactly(inner);
    if (typeof value === "string") {
      if (value.trim() === "") return "{}";
      value = parseExactly(value);
    }
    if (value === null) return "{}";
    const [only, ...others] = Array.isArray(value) ? value : [];
    if (isArguments(only) && others.length === 0) return JSON.stringify(only);
    return isArguments(value) ? JSON.stringify(value) : text;
  } catch (error) {
    return error instanceof TooDeepJsonError ? unreadable : text;
  }
}

function parseExactly(text: string): unknown {
  const exact = withExactIntegers(text);
  try {
    return parseBoundedJson(exact);
  } catch (error) {
    if (error instanceof TooDeepJsonError || !control.test(exact)) throw error;
    return parseBoundedJson(escapeControls(exact));
  }
}

const control = /\p{Cc}/u;

/** Those within its strings: between them they are blanks, or an error. */
function escapeControls(text: string): string {
  let escaped = "";
  let from = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', from)) {
    const end = endOfString(text, at);
    const inner = text
      .slice(at, end)
      .replace(/\p{Cc}/gu, (each) => JSON.stringify(each).slice(1, -1));
    escaped += text.slice(from, at) + inner + text.slice(end, end + 1);
    from = end + 1;
  }
  return escaped + text.slice(from);
}

/** Put before a name, as models have seen it elsewhere. */
const namespace = /^(functions|tools|default_api|multi_tool_use)[.:/]/;
/** What their templates put after it: the next part of the answer, or the count of the call. */
const rest = /<\|.*$|:\d+$/s;

/**
 * The name of a sent tool that a model means: one that differs only in case and separators, if no other tool can be
 * meant. Otherwise as the model wrote it: there is no such tool.
 */
export function sentName(name: string, sent: readonly string[]): string {
  if (sent.includes(name)) return name;
  const plain = name.trim().replace(rest, "").trim().replace(namespace, "");
  if (sent.includes(plain)) return plain;
  const wanted = loose(plain);
  const [only, ...others] = sent.filter((each) => loose(each) === wanted);
  return only !== undefined && others.length === 0 ? only : name;
}

function loose(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "_");
}

/**
 * Some servers restart their tool call count in each answer; in a conversation an id names one call.
 */
export function toolCallRenamer(messages: readonly ChatMessage[]): (chunk: ChatChunk) => ChatChunk {
  const used = new Set(
    messages.flatMap((message) =>
      message.parts.flatMap((part) => (part.type === "dynamic-tool" ? [part.toolCallId] : [])),
    ),
  );
  const names = new Map<string, string>();
  return (chunk) => {
    if (!("toolCallId" in chunk)) return chunk;
    const { toolCallId } = chunk;
    let name = names.get(toolCallId);
    if (name === undefined) {
      const usable = !used.has(toolCallId) && /^[a-zA-Z0-9_-]{1,64}$/.test(toolCallId);
      name = usable ? toolCallId : `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
      names.set(toolCallId, name);
    }
    // Also for a tool that the model made up: the browser knows none by name.
    const known = chunk.type === "tool-input-delta" ? {} : { dynamic: true };
    return { ...chunk, ...known, toolCallId: name };
  };
}

/** What the end of a model's answer means for its reader. */
export type AnswerEnd = "complete" | "too_long" | "filtered" | "broken_off";

/**
 * The words that servers use for the reason why an answer ended. The AI SDK knows the usual ones;
 * the others are recognized by their parts, and an unknown one does not count as a good end.
 *
 * @param unified the AI SDK's version
 * @param raw as the provider wrote it; empty: it wrote none
 */
export function answerEnd(unified: string, raw: string): AnswerEnd {
  // To be continued by a further request; nothing here asks for what leads to it.
  if (/^pause/i.test(raw)) return "broken_off";
  if (unified === "length") return "too_long";
  if (unified === "content-filter") return "filtered";
  if (unified === "error") return "broken_off";
  if (unified !== "other") return "complete";
  // The stream ended before the provider said that its answer does.
  if (raw === "") return "broken_off";
  if (
    /malformed|error|fail|insufficient|abort|cancel|timeout|unavailable|overload|unexpected|repetition/i.test(
      raw,
    )
  ) {
    return "broken_off";
  }
  if (/length|token|limit|window/i.test(raw)) {
    return /eos|stop/i.test(raw) ? "complete" : "too_long";
  }
  if (/filter|safety|block|prohibit|recitation|sensitive|refus|spii/i.test(raw)) return "filtered";
  return /stop|eos|end|complete|finish|done|tool|function|null|none|unknown/i.test(raw)
    ? "complete"
    : "broken_off";
}
