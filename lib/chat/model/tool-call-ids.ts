import { randomUUID } from "node:crypto";
import type { ChatChunk } from "@/lib/chat/message-in-progress";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

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
