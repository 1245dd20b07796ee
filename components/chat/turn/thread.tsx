"use client";

import { useChat } from "@ai-sdk/react";
import { ArrowDown } from "lucide-react";
import {
  type RefObject,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { announcement, waitingWords } from "@/components/chat/turn/announcement";
import { EarlierLoader, useHeldPlace } from "@/components/chat/turn/earlier-loader";
import { MessageList } from "@/components/chat/turn/message-list";
import { ThreadSkeleton } from "@/components/chat/turn/thread-skeleton";
import { type Conversation, ConversationContext } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

/** In ms, how often a growing answer is rendered: every frame while short, less often once old phones are slow. */
const drawEvery = { short: 16, long: 50 };
/** Beyond this length an answer takes an old phone longer than a frame to render. */
const longAnswer = { characters: 1_000, parts: 20 };

/** The messages of an open conversation, scrolled to their end while they grow. */
export function Thread({ conversation }: { conversation: Conversation }) {
  const { session, busy, detail, state } = conversation;
  const { earlier } = state;
  const { messages } = useChat({
    chat: session.chat,
    experimental_throttle: isLong(session.chat.messages.at(-1)) ? drawEvery.long : drawEvery.short,
  });
  const { viewport, content, away, toBottom } = useStickToBottom();
  const holdPlace = useHeldPlace(viewport, earlier.messages);
  const all = useMemo(() => [...earlier.messages, ...messages], [earlier.messages, messages]);
  const paused = useMemo(
    () => [...earlier.pausedToolCalls, ...detail.pausedToolCalls],
    [earlier.pausedToolCalls, detail.pausedToolCalls],
  );
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
            {earlier.older === null ? null : (
              <EarlierLoader
                loading={earlier.loading}
                problem={earlier.problem}
                onLoad={() => session.loadEarlier(holdPlace)}
              />
            )}
            <MessageList messages={all} busy={busy} paused={paused} />
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
  const { parts } = message;
  const isLongText = parts.some(
    (part) => "text" in part && part.text.length > longAnswer.characters,
  );
  return isLongText || parts.length > longAnswer.parts;
}

/** A message just sent is scrolled into view, wherever the person was reading. */
function useFollowOwnMessage(messages: readonly ChatMessage[], toBottom: () => void) {
  const last = messages.at(-1);
  const lastOwn = last?.role === "user" ? last.id : null;
  const before = useRef(lastOwn);
  useEffect(() => {
    if (lastOwn && lastOwn !== before.current) toBottom();
    before.current = lastOwn;
  }, [lastOwn, toBottom]);
}

/**
 * Reads a finished answer aloud, once, and not its tokens as they arrive. A request to the person is read
 * aloud as soon as it waits, even if the answer is not finished.
 */
function AnswerAnnouncer({ messages, busy }: { messages: readonly ChatMessage[]; busy: boolean }) {
  const last = messages.at(-1);
  const waits = last?.role === "assistant" ? waitingWords(last) : "";
  const before = useRef({ busy, waits });
  const [words, setWords] = useState("");
  useEffect(() => {
    const was = before.current;
    before.current = { busy, waits };
    if (!busy && was.busy) {
      if (last?.role === "assistant") setWords(announcement(last));
    } else if (busy && waits !== was.waits && waits !== "") setWords(waits);
    else if (busy && !was.busy) setWords("The assistant is answering.");
  }, [busy, waits, last]);
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  );
}

/** Within this many px of its end, the view counts as being at the end. */
const near = 12;
/** Farther from the end than this, there is a way back to it. */
const far = 120;

type StickToBottom = {
  viewport: RefObject<HTMLElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The end is out of sight. */
  away: boolean;
  toBottom: (smooth?: boolean) => void;
};

/**
 * Keeps the end of a growing text in view as long as the reader is there. A reader who scrolls up is
 * not disturbed: the browser's own scroll anchoring keeps what they read in place.
 */
function useStickToBottom(): StickToBottom {
  const viewport = useRef<HTMLElement | null>(null);
  const content = useRef<HTMLDivElement | null>(null);
  const stuck = useRef(true);
  const [away, setAway] = useState(false);

  const toBottom = useCallback((smooth = false) => {
    const box = viewport.current;
    if (!box) return;
    stuck.current = true;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    box.scrollTo({ top: box.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }, []);

  useLayoutEffect(() => {
    const box = viewport.current;
    const inner = content.current;
    if (!box || !inner) return;
    let top = box.scrollTop;
    let height = box.scrollHeight;

    function onScroll() {
      if (!box) return;
      const left = box.scrollHeight - box.scrollTop - box.clientHeight;
      const shrank = box.scrollHeight < height;
      if (left <= near) stuck.current = true;
      else if (box.scrollTop < top - 1 && !shrank) stuck.current = false;
      top = box.scrollTop;
      height = box.scrollHeight;
      setAway(left > far && !stuck.current);
    }

    // Before paint: new text is never seen below the edge.
    const observer = new ResizeObserver(() => {
      if (stuck.current) box.scrollTop = box.scrollHeight;
      onScroll();
    });
    // A person who opens a detail wants to read it from the top: the end may leave the view.
    function onClick(event: MouseEvent) {
      if (event.target instanceof Element && event.target.closest("[aria-expanded], summary")) {
        stuck.current = false;
      }
    }

    toBottom();
    observer.observe(box);
    observer.observe(inner);
    box.addEventListener("scroll", onScroll, { passive: true });
    box.addEventListener("click", onClick);
    return () => {
      observer.disconnect();
      box.removeEventListener("click", onClick);
      box.removeEventListener("scroll", onScroll);
    };
  }, [toBottom]);

  return { viewport, content, away, toBottom };
}

/** Messages; more than a window shows. */
const shown = 6;

/**
 * The end of a conversation before hydration, where the thread will show it: at the bottom without
 * a script, at the top if it is short. What React cannot render on the server is a skeleton until then.
 */
export function ThreadPreview({ conversation }: { conversation: Conversation }) {
  const { messages, pausedToolCalls } = conversation.detail;
  // A card that waits for a person acts; there must be only one of each.
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
