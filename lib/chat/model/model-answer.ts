import { randomUUID } from "node:crypto";
import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { parseBoundedJson, withExactIntegers } from "@/lib/bounded-json";
import { type ChatChunk, isToolPart } from "@/lib/chat/message-in-progress";
import { lastStep } from "@/lib/chat/message-parts";
import { isArguments, leaveCalls } from "@/lib/chat/tool-calls/run-tool-call";
import type { Turn } from "@/lib/chat/turn/turn";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { wellFormed } from "@/lib/untrusted-text";
import { gatherDeltas, taggedReasoning } from "./answer-stream";
import { meantArguments } from "./meant-arguments";
import { type ModelFailure, throwForRetry } from "./model-failure";
import { callsInText, endsWithWrittenCall } from "./written-calls";

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

/**
 * The same model, its deltas merged, with tool calls as intended: names as they were sent, arguments as JSON of one
 * object. Calls written as text count too. Anything nested deeper than the AI SDK can walk is rejected. What goes to the
 * model is valid UTF-8.
 *
 * @param sent the names of the sent tools
 */
export function readableCalls(
  model: Exclude<LanguageModel, string>,
  sent: readonly string[],
): LanguageModel {
  if (model.specificationVersion !== "v3") return model;
  const middleware: LanguageModelMiddleware = {
    specificationVersion: "v3",
    transformParams: async ({ params: { toolChoice, ...params } }) => ({
      ...params,
      prompt: wellFormed(params.prompt),
      // It is every API's default, and some refuse the parameter.
      ...(toolChoice && toolChoice.type !== "auto" ? { toolChoice } : {}),
    }),
    wrapStream: async ({ doStream }) => {
      const { stream, ...rest } = await Promise.resolve(doStream()).catch(throwForRetry);
      return { ...rest, stream: gatherDeltas(stream).pipeThrough(readable(sent)) };
    },
  };
  return wrapLanguageModel({ model, middleware });
}

function readable(
  sent: readonly string[],
): TransformStream<LanguageModelV3StreamPart, LanguageModelV3StreamPart> {
  const nameOf = (name: string) => sentName(name, sent);
  const asMeant = (part: LanguageModelV3StreamPart): LanguageModelV3StreamPart => {
    switch (part.type) {
      case "tool-call":
        return { ...part, toolName: nameOf(part.toolName), input: argumentsAsMeant(part.input) };
      case "tool-input-start":
        return { ...part, toolName: nameOf(part.toolName) };
      default:
        return part;
    }
  };
  const apart = taggedReasoning();
  // Created with the first text: an answer without text has no written calls.
  let inText: ReturnType<typeof callsInText> | null = null;
  const withCalls = (part: LanguageModelV3StreamPart) => {
    if (part.type === "text-start") inText ??= callsInText((name) => isSent(name, sent));
    return inText?.(part) ?? [part];
  };
  return new TransformStream({
    transform(part, controller) {
      for (const each of apart(part).flatMap(withCalls)) controller.enqueue(asMeant(each));
    },
  });
}

function argumentsAsMeant(text: string): string {
  const value = argumentsIn(text);
  return value === null ? meantArguments(text) : JSON.stringify(value);
}

/** The JSON object that most models write; null for anything else. */
function argumentsIn(text: string): Record<string, unknown> | null {
  try {
    const value = parseBoundedJson(withExactIntegers(text));
    return isArguments(value) ? value : null;
  } catch {
    return null;
  }
}

/** Put before a name, as models have seen it elsewhere. */
const namespace = /^(functions|tools|default_api|multi_tool_use|mcp)([.:/]|__)/;

/**
 * The sent tool that a model means: the only one whose name it wrote, whatever its template put around it, or the only one
 * that differs just in case and separators. Otherwise the name as written, which matches no tool.
 */
export function sentName(name: string, sent: readonly string[]): string {
  if (sent.includes(name)) return name;
  const words = name.match(/[a-zA-Z0-9_-]+/g) ?? [];
  const [written, ...more] = sent.filter((each) => words.some((word) => isName(word, each)));
  if (written !== undefined) return more.length === 0 ? written : name;
  const wanted = loose(name.trim().replace(namespace, ""));
  const [only, ...others] = sent.filter((each) => loose(each) === wanted);
  return only !== undefined && others.length === 0 ? only : name;
}

/** Whether the name means a tool that was sent. */
export function isSent(name: string, sent: readonly string[]): boolean {
  return sent.includes(sentName(name, sent));
}

/** Some servers join pieces that each contain the whole name. */
function isName(word: string, name: string): boolean {
  return word.replace(namespace, "").replaceAll(name, "") === "" && word !== "";
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
      const usable = !used.has(toolCallId) && /^[a-zA-Z0-9_-]{1,40}$/.test(toolCallId);
      name = usable ? toolCallId : `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
      names.set(toolCallId, name);
    }
    // Also for a tool that the model made up: the browser knows none by name.
    const known = chunk.type === "tool-input-delta" ? {} : { dynamic: true };
    return { ...chunk, ...known, toolCallId: name };
  };
}

const brokenEnd =
  /malformed|error|fail|insufficient|abort|cancel|timeout|unavailable|overload|unexpected|repetition/i;

/** Going on leads nowhere: there is no room for an answer. */
const windowFull = /context|window/i;

/** What the end of a model's answer means for its reader. */
export type AnswerEnd = "complete" | "too_long" | "window_full" | "filtered" | "broken_off";

/**
 * The words that servers use for the reason why an answer ended. The AI SDK knows the usual ones;
 * the others are recognized by their parts, and an unknown one does not count as a good end.
 *
 * @param unified the AI SDK's version
 * @param raw as the provider wrote it; empty: it wrote none
 */
export function answerEnd(unified: string, raw: string): AnswerEnd {
  // Meant to continue in another request; Usher requests nothing that leads to this.
  if (/^pause/i.test(raw)) return "broken_off";
  if (unified === "length") return windowFull.test(raw) ? "window_full" : "too_long";
  if (unified === "content-filter") return "filtered";
  if (unified === "error") return "broken_off";
  if (unified !== "other") return "complete";
  // Without a reason, the stream ended before the provider said that its answer does.
  if (raw === "" || brokenEnd.test(raw)) return "broken_off";
  if (windowFull.test(raw)) return "window_full";
  if (/length|token|limit/i.test(raw)) {
    return /eos|stop/i.test(raw) ? "complete" : "too_long";
  }
  if (/filter|safety|block|prohibit|recitation|sensitive|refus|spii/i.test(raw)) return "filtered";
  return /stop|eos|end|complete|finish|done|tool|function|null|none|unknown/i.test(raw)
    ? "complete"
    : "broken_off";
}

const endWords: Record<Exclude<AnswerEnd, "complete">, string> = {
  too_long: "The answer reached the model's length limit and was cut. Ask it to continue.",
  window_full:
    "This conversation fills the model's context, so the answer was cut. Start a new one, or ask for less at once.",
  filtered: "The model's provider filtered this answer. Rephrase your message.",
  broken_off: "The model's provider ended this answer early. It is not complete. Retry.",
};

const noCall =
  "The model announced a tool call but sent none, so nothing ran. Retry. If this happens again, ask an admin to choose another model.";

type Finished = {
  /** The AI SDK's version of why the answer ended, and the provider's. */
  reason: string;
  raw: string;
  /** Nothing was written. */
  silent: boolean;
  /** Names of the sent tools. */
  sent: readonly string[];
};

/** A model that finished, but in a way that leaves nothing usable for a person. */
export function shortcoming(turn: Turn, finished: Finished): ModelFailure | null {
  const { message } = turn;
  const { reason, raw, silent, sent } = finished;
  const log = { finishReason: reason, ...(raw ? { rawFinishReason: raw } : {}) };
  const end = answerEnd(reason, raw);
  if (end !== "complete") {
    leaveCalls(turn);
    return { message: endWords[end], retryable: true, log };
  }
  const step = lastStep(message);
  const said = step.some((part) =>
    part.type === "text" ? part.text.trim() !== "" : part.type !== "reasoning",
  );
  if (silent || !said) {
    return { message: "The model sent an empty answer. Retry.", retryable: true, log };
  }
  if (reason === "tool-calls" && !step.some(isToolPart)) {
    return { message: noCall, retryable: true, log };
  }
  return onlyWritten(turn, sent);
}

/** A call written among other words does not run. Unless the person is told, they wait for its result. */
function onlyWritten({ message }: Turn, sent: readonly string[]): ModelFailure | null {
  const last = lastStep(message).at(-1);
  if (last?.type !== "text") return null;
  if (!endsWithWrittenCall(last.text, (name) => isSent(name, sent))) return null;
  const text =
    "The model wrote a tool call as text, so it did not run. Retry. If this happens again, ask an admin to turn on tool calls where the model runs, or choose another model.";
  return { message: text, retryable: true, log: { error: "written-call" } };
}
