import type { ChatMessage } from "@/lib/contracts/chat/chat";

/** Messages that did not change stay the same objects, so that nothing is drawn anew. */
export function keepEqualMessages(
  known: readonly ChatMessage[],
  stored: readonly ChatMessage[],
): ChatMessage[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  return stored.map((message) => {
    const same = byId.get(message.id);
    return same && JSON.stringify(same.parts) === JSON.stringify(message.parts) ? same : message;
  });
}
