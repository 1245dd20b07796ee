import type { ChatMessage } from "@/lib/contracts/chat/chat";
import type { MessageRow } from "@/lib/db/message";

export function toChatMessage(row: MessageRow): ChatMessage {
  return {
    id: row.id,
    role: row.role === "user" ? "user" : "assistant",
    parts: Array.isArray(row.parts) ? (row.parts as unknown as ChatMessage["parts"]) : [],
    metadata: { createdAt: row.createdAt.toISOString() },
  };
}
