import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { parseBoundedJson } from "@/lib/bounded-json";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import { wellFormed } from "@/lib/well-formed";
import { taggedReasoning } from "./tagged-reasoning";
import { readUnreadPiece, type UnreadPiece } from "./unread-piece";
import { meantArguments } from "./written-arguments";

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
 * object. Anything nested deeper than the AI SDK can walk is rejected. An odd piece of the stream does not end the
 * answer. What goes to the model is valid UTF-8.
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

function readable(nameOf: (name: string) => string): TransformStream<StreamPart, StreamPart> {
  let end: UnreadPiece["end"] = null;
  const asMeant = (part: StreamPart): StreamPart => {
    switch (part.type) {
      case "tool-call":
        return { ...part, toolName: nameOf(part.toolName), input: meantArguments(part.input) };
      case "tool-input-start":
        return { ...part, toolName: nameOf(part.toolName) };
      case "finish":
        // The AI SDK has not read why the answer ended.
        return end && part.finishReason.raw === undefined ? { ...part, finishReason: end } : part;
      default:
        return part;
    }
  };
  const apart = taggedReasoning();
  return new TransformStream({
    transform(part, controller) {
      const unread = part.type === "error" ? readUnreadPiece(part.error) : null;
      end = unread?.end ?? end;
      for (const each of (unread?.parts ?? [part]).flatMap(apart))
        controller.enqueue(asMeant(each));
    },
  });
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
