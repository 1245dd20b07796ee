"use client";

import { useChat } from "@ai-sdk/react";
import { ArrowDown } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { AnswerAnnouncer } from "./answer-announcer";
import { ConversationContext } from "./conversation-context";
import { MessageList } from "./message-list";
import type { Conversation } from "./use-conversation";
import { useStickToBottom } from "./use-stick-to-bottom";

/** How often a growing answer is drawn, in ms: the first words at once, long texts seldom enough for old phones. */
const drawEvery = { short: 16, long: 50 };
/** Characters of an answer that takes an old phone longer than a frame to draw. */
const longAnswer = 1_000;

/** The messages of an open conversation, kept at their end while they grow. */
export function Thread({ conversation }: { conversation: Conversation }) {
  const { session, busy, detail } = conversation;
  const { messages } = useChat({
    chat: session.chat,
    experimental_throttle: isLong(session.chat.messages.at(-1)) ? drawEvery.long : drawEvery.short,
  });
  const { viewport, content, away, toBottom } = useStickToBottom();
  useFollowOwnMessage(messages, toBottom);

  return (
    <ConversationContext value={conversation}>
      <div className="relative flex min-h-0 flex-1 flex-col">
        <section
          ref={viewport}
          aria-label="Conversation"
          aria-busy={busy}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-h-0 flex-1 overflow-y-auto overflow-x-hidden overscroll-contain focus-visible:-outline-offset-2"
        >
          <div ref={content} className="@container mx-auto w-full max-w-3xl px-4 pt-5 pb-3">
            <MessageList messages={messages} busy={busy} paused={detail.pausedToolCalls} />
          </div>
        </section>
        {away ? (
          <Button
            size="sm"
            onClick={() => toBottom(true)}
            className="absolute bottom-3 left-1/2 -translate-x-1/2 animate-fade-in rounded-full shadow-overlay"
          >
            <ArrowDown aria-hidden="true" />
            Jump to latest
          </Button>
        ) : null}
      </div>
      <AnswerAnnouncer messages={messages} busy={busy} />
    </ConversationContext>
  );
}

function isLong(message: ChatMessage | undefined): boolean {
  if (message?.role !== "assistant") return false;
  const isText = message.parts.some((part) => "text" in part && part.text.length > longAnswer);
  return isText || message.parts.length > 20;
}

/** What one has just sent is shown, wherever one was reading. */
function useFollowOwnMessage(messages: readonly ChatMessage[], toBottom: () => void) {
  const last = messages.at(-1);
  const lastOwn = last?.role === "user" ? last.id : null;
  const before = useRef(lastOwn);
  useEffect(() => {
    if (lastOwn && lastOwn !== before.current) toBottom();
    before.current = lastOwn;
  }, [lastOwn, toBottom]);
}
