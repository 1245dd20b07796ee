import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import { wellFormed } from "@/lib/well-formed";
import { gatherDeltas } from "./gathered-deltas";

/**
 * The arguments of a call as a model wrote them. The AI SDK refuses a parameter that is called
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

/** No JSON: the AI SDK refuses the call as it does any whose arguments cannot be read. */
const unreadable = "(nests too deep)";

/**
 * The same model, its deltas gathered, with tool calls as they are meant: names as they were sent,
 * arguments that are `null`, fenced or encoded twice as the object that they hold. What nests deeper than
 * the AI SDK can walk is refused. What goes to the model is valid UTF-8.
 *
 * @param nameOf the name that was sent, from the one that the model wrote
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
      // Encoded twice; and so is nothing at all.
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

/** What the end of a model's answer means for who reads it. */
export type AnswerEnd = "complete" | "too_long" | "filtered" | "broken_off";

/**
 * The words that servers have for the reason why an answer ended. The AI SDK knows the usual ones;
 * the others are told by what they are made of, and one that nothing is known of is no good end.
 *
 * @param unified as the AI SDK has it
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
