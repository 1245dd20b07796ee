"use client";

import { RotateCcw } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { messageText } from "@/components/chat/turn/message-blocks";
import { MessageView } from "@/components/chat/turn/message-view";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button, IconButton } from "@/components/ui/button";
import { Spinner } from "@/components/ui/loading";
import { CopyButton } from "@/components/ui/text/copy-button";
import type { ChatMessage, PausedToolCallView } from "@/lib/contracts/chat/chat";

/** The newest messages: the rendered ones grow, wait for a person, or are looked at first. */
const alwaysDrawn = 4;
/** How far outside the view messages are rendered: this far, find-in-page and screen readers reach them. */
const nearMargin = "400% 0px";

/**
 * An item of a long list, rendered while it is near the view. Farther away an empty box keeps its height.
 * Anything that a person has opened, selected or focused stays rendered.
 */
function Near({ always, children }: { always: boolean; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  /** In px, of what is not rendered. */
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    const element = box.current;
    if (always || !element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry || entry.isIntersecting) setHeight(null);
        else if (element.hasChildNodes() && !isInUse(element))
          setHeight(entry.boundingClientRect.height);
      },
      { root: element.closest("section"), rootMargin: nearMargin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [always]);
  const isDrawn = always || height === null;
  return (
    <div
      ref={box}
      data-message
      className="min-w-0 empty:hidden"
      style={isDrawn ? undefined : { height }}
    >
      {isDrawn ? children : <span />}
    </div>
  );
}

function isInUse(element: Element): boolean {
  return (
    element.contains(document.activeElement) ||
    document.getSelection()?.containsNode(element, true) === true ||
    element.querySelector("details[open], [aria-expanded=true]") !== null
  );
}

export function MessageList({
  messages,
  from = 0,
  busy,
  paused,
}: {
  messages: readonly ChatMessage[];
  /** The first rendered one. */
  from?: number;
  busy: boolean;
  paused: readonly PausedToolCallView[];
}) {
  return (
    <>
      <div className="grid min-w-0 gap-5">
        {messages.slice(from).map((message, index, all) => (
          <Near key={message.id} always={index >= all.length - alwaysDrawn}>
            <MessageView
              message={message}
              last={message === messages.at(-1)}
              busy={busy}
              paused={paused}
            />
          </Near>
        ))}
      </div>
      <LastLine messages={messages} />
    </>
  );
}

/**
 * The line under the last message: progress that is not shown above, then the actions for
 * the answer. It is always present, so that the end of a turn moves nothing; it is empty while
 * text above it grows, so that nothing in view is pushed down.
 */
function LastLine({ messages }: { messages: readonly ChatMessage[] }) {
  const { busy } = useOpenConversation();
  return (
    <div className="mt-1.5 flex h-9 items-center gap-1">
      {busy ? <Activity message={messages.at(-1) ?? null} /> : <Actions messages={messages} />}
    </div>
  );
}

function Activity({ message }: { message: ChatMessage | null }) {
  const { state } = useOpenConversation();
  if (!state.connectionLost && isSeenGrowing(message)) return null;
  return (
    <p className="flex items-center gap-2 text-muted text-sm">
      <Spinner label="" className="text-accent-text" />
      {state.connectionLost ? "Connection lost. Reconnecting…" : "Thinking…"}
    </p>
  );
}

function isSeenGrowing(message: ChatMessage | null): boolean {
  if (message?.role !== "assistant") return false;
  const last = message.parts.at(-1);
  if (last?.type === "text" || last?.type === "reasoning") {
    return last.state === "streaming" && last.text !== "";
  }
  return message.parts.some(
    (part) => part.type === "dynamic-tool" && !part.state.startsWith("output"),
  );
}

function Actions({ messages }: { messages: readonly ChatMessage[] }) {
  const { session, detail } = useOpenConversation();
  const last = messages.at(-1);
  if (!last) return null;
  // The server took the message, but no turn answered it.
  if (last.role === "user") {
    return (
      <>
        <p className="text-muted text-sm">This message has no answer.</p>
        <Button size="sm" variant="ghost" onClick={() => void session.retry()}>
          <RotateCcw aria-hidden="true" />
          Retry
        </Button>
      </>
    );
  }
  const failed = last.parts.some((part) => part.type === "data-turn-error");
  const waits = detail.pausedToolCalls.some((call) => call.state.startsWith("AWAITING"));
  // When asked again, a model calls its tools again.
  const changed = last.parts.some(
    (part) => part.type === "data-tool-call-account" && !part.data.readOnly,
  );
  const text = messageText(last);
  return (
    <div className="-ml-1.5 flex items-center gap-0.5">
      {text ? <CopyButton value={text} label="Copy answer" /> : null}
      {failed || waits || changed || !detail.assistantId ? null : (
        <IconButton label="Regenerate answer" size="sm" onClick={() => void session.retry()}>
          <RotateCcw aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}
