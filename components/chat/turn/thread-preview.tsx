"use client";

import { Suspense } from "react";
import { ConversationContext } from "./conversation-context";
import { MessageList } from "./message-list";
import { ThreadSkeleton } from "./thread-skeleton";
import type { Conversation } from "./use-conversation";

/** Messages; more than a window shows. */
const shown = 6;

/**
 * The end of a conversation before the page is alive, where the thread will show it: at the bottom without
 * a script, at the top where it is short. What React cannot render on the server is a skeleton until then.
 */
export function ThreadPreview({ conversation }: { conversation: Conversation }) {
  const { messages, pausedToolCalls } = conversation.detail;
  // What waits for somebody is a card that acts; there is one of each.
  if (pausedToolCalls.some(({ state }) => state.startsWith("AWAITING"))) return <ThreadSkeleton />;
  return (
    <Suspense fallback={<ThreadSkeleton />}>
      <ConversationContext value={conversation}>
        <section
          aria-label="Conversation"
          className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overflow-x-hidden"
        >
          <div className="@container mx-auto mb-auto w-full max-w-3xl shrink-0 px-4 pt-5 pb-3">
            <MessageList
              messages={messages}
              from={Math.max(0, messages.length - shown)}
              busy={conversation.busy}
              paused={pausedToolCalls}
            />
          </div>
        </section>
      </ConversationContext>
    </Suspense>
  );
}
