"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react";
import { History } from "@/components/chat/history/history";
import { useConversation } from "@/components/chat/turn/use-conversation";
import { useUrlPages } from "@/components/ui/list/use-loaded-pages";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { Sheet } from "@/components/ui/overlay/sheet";
import { conversationIdOf } from "@/lib/contracts/chat/conversation";
import { ChatHeader } from "./chat-header";
import { useChatState } from "./chat-state";
import { ChatView } from "./chat-view";

/**
 * The chat as a page. Its address names the conversation; the address alone (`/chat`) is the one
 * that this tab has open, which the panel shows on the other pages.
 */
export function ChatPage() {
  const { openConversation } = useChatState();
  const named = conversationIdOf(usePathname());
  const remembered = useSyncExternalStore(
    openConversation.subscribe,
    openConversation.read,
    () => null,
  );
  // What this tab has open changes at once, and the address some moments later: until then, a message would go to the
  // conversation before.
  const [followed, setFollowed] = useState<string | null>();
  const id = followed === named ? remembered : (named ?? remembered);
  const conversation = useConversation(id);
  const [historyOpen, setHistoryOpen] = useState(false);
  const [search, onSearch] = useUrlState("history");
  const [pages, onPages] = useUrlPages("pages");
  const view = { search, onSearch, pages, onPages };

  // A link to an assistant starts a conversation with it, whatever was open.
  const asked = useSearchParams().get("assistant");
  const begins = asked !== null && named === null;
  useEffect(() => {
    if (!begins) return;
    openConversation.open(null);
    focusMessage();
  }, [begins, openConversation]);

  // An address that is no longer the browser's was overtaken by a choice made here.
  useLayoutEffect(() => {
    if (named && conversationIdOf(window.location.pathname) === named) openConversation.open(named);
    setFollowed(named);
  }, [named, openConversation]);
  useEffect(() => {
    if (!named && !begins && remembered && window.location.pathname === "/chat") {
      window.history.replaceState(null, "", `/chat/${remembered}${window.location.search}`);
    }
  }, [named, begins, remembered]);

  const title = conversation.status === "ready" ? conversation.detail.title : "Chat";
  useEffect(() => {
    document.title = `${title} · Usher`;
  }, [title]);

  const open = useCallback(
    (next: string | null) => {
      setHistoryOpen(false);
      // Without a round trip to the server: the page is the same, and so is the running stream.
      const { search } = window.location;
      window.history.pushState(null, "", (next ? `/chat/${next}` : "/chat") + search);
      openConversation.open(next);
      focusMessage();
    },
    [openConversation],
  );

  return (
    <div className="flex h-[calc(100dvh-3.25rem)] min-w-0 lg:h-dvh">
      <aside
        aria-label="History"
        data-keep-scroll="history"
        className="w-64 shrink-0 overflow-y-auto border-border border-r bg-background max-xl:hidden"
      >
        <h2 className="flex h-12 items-center px-4 font-medium text-base">History</h2>
        <History openId={id} onOpen={open} view={view} />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-12 shrink-0 items-center gap-1 border-border border-b pr-3 pl-4">
          <ChatHeader
            headingLevel="h1"
            conversation={conversation}
            historyOpen={historyOpen}
            onHistory={() => setHistoryOpen(true)}
            historyClassName="xl:hidden"
            onNew={() => open(null)}
          />
        </header>
        <h2 className="sr-only">Conversation</h2>
        <ChatView id={id} conversation={conversation} onOpen={open} />
      </div>
      <Sheet open={historyOpen} onOpenChange={setHistoryOpen} title="History">
        <div className="bg-raised">
          <History openId={id} onOpen={open} view={view} />
        </div>
      </Sheet>
    </div>
  );
}

/** Once it is drawn. */
function focusMessage(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>("main [data-chat-input]")?.focus();
  });
}
