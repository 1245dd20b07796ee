import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";

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

const middleware: LanguageModelMiddleware = {
  specificationVersion: "v3",
  wrapStream: async ({ doStream }) => {
    const { stream, ...rest } = await doStream();
    const bounded = stream.pipeThrough(
      new TransformStream({
        transform(part, controller) {
          const tooDeep = part.type === "tool-call" && nestsTooDeep(part.input);
          controller.enqueue(tooDeep ? { ...part, input: unreadable } : part);
        },
      }),
    );
    return { ...rest, stream: bounded };
  },
};

/** The same model, without tool calls whose arguments nest deeper than the AI SDK can walk. */
export function withShallowToolCalls(model: Exclude<LanguageModel, string>): LanguageModel {
  return model.specificationVersion === "v3" ? wrapLanguageModel({ model, middleware }) : model;
}

function nestsTooDeep(text: string): boolean {
  try {
    parseBoundedJson(text);
    return false;
  } catch (error) {
    return error instanceof TooDeepJsonError;
  }
}
