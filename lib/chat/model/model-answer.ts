import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import { wellFormed } from "@/lib/well-formed";

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

/** Not JSON: the AI SDK rejects the call like any with unreadable arguments. */
const unreadable = "(nests too deep)";

/**
 * The same model, its deltas merged, with tool calls as intended: names as they were sent,
 * arguments that are `null`, fenced or encoded twice as the object that they contain. Anything nested deeper than
 * the AI SDK can walk is rejected. What goes to the model is valid UTF-8.
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
      const readable = gatherDeltas(stream).pipeThrough(
        new TransformStream({
          transform(part, controller) {
            if (part.type === "tool-call") {
              const toolName = nameOf(part.toolName);
              controller.enqueue({ ...part, toolName, input: meant(part.input) });
            } else if (part.type === "tool-input-start") {
              controller.enqueue({ ...part, toolName: nameOf(part.toolName) });
            } else controller.enqueue(part);
          },
        }),
      );
      return { ...rest, stream: readable };
    },
  };
  return wrapLanguageModel({ model, middleware });
}

const fence = /^```(?:json)?\s*\n?([\s\S]*?)\n?```$/i;

function meant(text: string): string {
  const inner = fence.exec(text.trim())?.[1] ?? text;
  try {
    let value = parseBoundedJson(inner);
    if (typeof value === "string") {
      // Encoded twice; an empty text means the same.
      if (value.trim() === "") return "{}";
      value = parseBoundedJson(value);
    }
    if (value === null) return "{}";
    const [only, ...others] = Array.isArray(value) ? value : [];
    if (isArguments(only) && others.length === 0) return JSON.stringify(only);
    return isArguments(value) ? JSON.stringify(value) : text;
  } catch (error) {
    return error instanceof TooDeepJsonError ? unreadable : text;
  }
}

/** What the end of a model's answer means for its reader. */
export type AnswerEnd = "complete" | "too_long" | "filtered" | "broken_off";

/**
 * The words that servers use for the reason why an answer ended. The AI SDK knows the usual ones;
 * the others are recognized by their parts, and an unknown one does not count as a good end.
 *
 * @param unified the AI SDK's version
 * @param raw as the provider wrote it
 */
export function answerEnd(unified: string, raw: string): AnswerEnd {
  if (unified === "length") return "too_long";
  if (unified === "content-filter") return "filtered";
  if (unified === "error") return "broken_off";
  if (unified !== "other" || raw === "") return "complete";
  if (/malformed|error|fail|insufficient|abort|cancel|timeout|unavailable|overload/i.test(raw)) {
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

type StreamPart = LanguageModelV3StreamPart;
type Delta = Extract<StreamPart, { delta: string }>;

/** How long a piece of an answer may wait for the following ones, in ms: three frames of a screen. */
export const gatherMs = 50;

/**
 * The same answer in fewer pieces: deltas of one part that arrive within `everyMs` are merged. The first
 * delta of a part is passed on at once, and anything that is not a delta only after all earlier ones. A model
 * slower than that has each delta passed on as it arrives.
 *
 * A fast model sends hundreds a second, and each one costs a step in every stream between here and the
 * browser, a network write, and a rendering of the answer.
 */
export function gatherDeltas(
  parts: ReadableStream<StreamPart>,
  everyMs: number = gatherMs,
): ReadableStream<StreamPart> {
  const reader = parts.getReader();
  let held: Delta | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let passAt = 0;
  let demand: (() => void) | null = null;
  let isCancelled = false;

  return new ReadableStream<StreamPart>({
    start(controller) {
      void passOn(controller);
    },
    pull() {
      demand?.();
    },
    cancel(reason) {
      isCancelled = true;
      clearTimeout(timer);
      demand?.();
      return reader.cancel(reason);
    },
  });

  async function passOn(to: ReadableStreamDefaultController<StreamPart>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || isCancelled) break;
        if (isDelta(value)) hold(value, to);
        else {
          flush(to);
          to.enqueue(value);
          passAt = 0;
        }
        await taken(to);
      }
      if (isCancelled) return;
      flush(to);
      to.close();
    } catch (error) {
      await fail(to, error);
    }
  }

  function hold(delta: Delta, to: ReadableStreamDefaultController<StreamPart>): void {
    if (held?.type === delta.type && held.id === delta.id) {
      held = { ...held, delta: held.delta + delta.delta };
    } else {
      flush(to);
      held = delta;
    }
    const left = passAt - performance.now();
    if (left <= 0) flush(to);
    else timer ??= setTimeout(() => flush(to), left);
  }

  function flush(to: ReadableStreamDefaultController<StreamPart>): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === null || isCancelled) return;
    to.enqueue(held);
    held = null;
    passAt = performance.now() + everyMs;
  }

  /** Resolves when the reader wants more. */
  async function taken({ desiredSize }: ReadableStreamDefaultController<StreamPart>) {
    if (isCancelled || (desiredSize ?? 1) > 0) return;
    await new Promise<void>((resolve) => {
      demand = resolve;
    });
    demand = null;
  }

  /** An error carries along what has not been read yet, here and in each following stream. */
  async function fail(to: ReadableStreamDefaultController<StreamPart>, error: unknown) {
    if (isCancelled) return;
    flush(to);
    await taken(to);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isCancelled) to.error(error);
  }
}

/** A part with metadata carries its own meaning. */
function isDelta(part: StreamPart): part is Delta {
  return (
    (part.type === "text-delta" ||
      part.type === "reasoning-delta" ||
      part.type === "tool-input-delta") &&
    part.providerMetadata === undefined
  );
}
