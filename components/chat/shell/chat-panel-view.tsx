"use client";

import {
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { createPortal } from "react-dom";
import { ErrorBoundary } from "react-error-boundary";
import { History } from "@/components/chat/history/history";
import { ChatHeader } from "@/components/chat/shell/chat-header";
import { useChatState } from "@/components/chat/shell/chat-state";
import { ChatView } from "@/components/chat/shell/chat-view";
import { useConversation } from "@/components/chat/turn/use-conversation";
import { ChatPanelContext } from "@/components/shell/chat-panel-state";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

/** The panel's content. If it cannot be rendered, the page beside it stays. */
export function ChatPanelView() {
  return (
    <ErrorBoundary
      fallbackRender={({ resetErrorBoundary }) => <ChatPanelFailure onRetry={resetErrorBoundary} />}
    >
      <OpenPanel />
    </ErrorBoundary>
  );
}

/** The conversation that this tab has open, or the history over it. */
function OpenPanel() {
  const { openConversation } = useChatState();
  const id = useSyncExternalStore(
    openConversation.subscribe,
    openConversation.read,
    () => undefined,
  );
  const conversation = useConversation(id ?? null);
  const [historyOpen, setHistoryOpen] = useState(false);
  const [search, onSearch] = useState("");
  const [pages, onPages] = useState(1);
  const view = useRef<HTMLDivElement>(null);

  // The panel itself took the focus while this code was loading.
  useEffect(() => {
    if (document.activeElement !== view.current?.closest("aside")) return;
    view.current?.querySelector<HTMLElement>("[data-chat-input]")?.focus();
  }, []);

  const open = useCallback(
    (next: string | null) => {
      openConversation.open(next);
      setHistoryOpen(false);
      view.current?.querySelector<HTMLElement>("[data-chat-input]")?.focus();
    },
    [openConversation],
  );

  return (
    <>
      <ChatPanelHeader>
        <ChatHeader
          headingLevel="h2"
          conversation={conversation}
          historyOpen={historyOpen}
          onHistory={() => setHistoryOpen(!historyOpen)}
          onNew={() => open(null)}
        />
      </ChatPanelHeader>
      <div ref={view} className="relative flex min-h-0 flex-1 flex-col">
        {historyOpen ? (
          <section
            aria-label="History"
            className="absolute inset-0 z-10 animate-fade-in overflow-y-auto bg-surface"
          >
            <History
              openId={id ?? null}
              onOpen={open}
              view={{ search, onSearch, pages, onPages }}
            />
          </section>
        ) : null}
        <div inert={historyOpen} className="flex min-h-0 flex-1 flex-col">
          <ChatView id={id} conversation={conversation} onOpen={open} />
        </div>
      </div>
    </>
  );
}

/** Puts its children into the panel's header, replacing the word "Chat". */
function ChatPanelHeader({ children }: { children: ReactNode }) {
  const slot = useContext(ChatPanelContext)?.headerSlot;
  return slot ? createPortal(children, slot) : null;
}

/** A reload fetches code that a new version has replaced. */
function ChatPanelFailure({ onRetry }: { onRetry: () => void }) {
  const { openConversation } = useChatState();
  return (
    <EmptyState
      title="The chat could not be shown"
      className="m-4"
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Button onClick={() => window.location.reload()}>Reload the page</Button>
          <Button
            variant="ghost"
            onClick={() => {
              openConversation.open(null);
              onRetry();
            }}
          >
            New conversation
          </Button>
        </div>
      }
    >
      What you typed is kept. Your conversations were not changed.
    </EmptyState>
  );
}
