import { parseBoundedJson } from "@/lib/bounded-json";
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
