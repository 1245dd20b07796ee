import type { ChatMessage, MessagePage } from "@/lib/contracts/chat/chat";
import { fetchOlderMessages } from "@/lib/queries/chat";

/** Pages that were loaded after the newest one. They are finished, and no longer change. */
export type EarlierMessages = Omit<MessagePage, "older"> & {
  /** Where the next page ends; null: everything is loaded. */
  older: string | null;
  loading: boolean;
  problem: string | null;
};

export function nothingEarlier(older: string | null): EarlierMessages {
  return { messages: [], pausedToolCalls: [], older, loading: false, problem: null };
}

/** With the page before the loaded ones, or with why it could not be loaded. */
export async function withPageBefore(
  id: string,
  earlier: EarlierMessages,
): Promise<EarlierMessages> {
  if (earlier.older === null) return earlier;
  try {
    const page = await fetchOlderMessages(id, earlier.older);
    return {
      ...nothingEarlier(page.older),
      messages: [...page.messages, ...earlier.messages],
      pausedToolCalls: [...page.pausedToolCalls, ...earlier.pausedToolCalls],
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : "They could not be loaded.";
    return { ...earlier, loading: false, problem };
  }
}

/**
 * The messages that this tab holds from before the newest page. Null: they do not join it, because more
 * than a page was written elsewhere in the meantime.
 */
export function messagesBefore(
  known: readonly ChatMessage[],
  first: ChatMessage | undefined,
): ChatMessage[] | null {
  if (!first || known.length === 0) return [];
  const at = known.findIndex((message) => message.id === first.id);
  return at < 0 ? null : known.slice(0, at);
}

/** Messages that did not change stay the same objects, so that React does not render them again. */
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
