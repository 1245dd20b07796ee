"use client";

import { Maximize2, X } from "lucide-react";
import Link from "next/link";
import { type CSSProperties, lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { useChatPanel } from "./chat-panel-state";

const ChatPanelResizer = lazy(() =>
  import("./chat-panel-resizer").then((module) => ({ default: module.ChatPanelResizer })),
);

/**
 * The right-hand column of every page; below 64 rem it covers the page instead. Its content is
 * mounted when it is first shown and stays mounted while hidden, so an answer continues streaming.
 */
export function ChatPanel({ children }: { children: ReactNode }) {
  const { open, covering, absent, width, hide, panel, setHeaderSlot } = useChatPanel();
  const [seen, setSeen] = useState(open);
  const visible = open || covering;
  if (visible && !seen) setSeen(true);

  useEffect(() => {
    if (!covering) return;
    function onKeyDown(event: KeyboardEvent) {
      if (event.key === "Escape" && !event.defaultPrevented) hide();
    }
    window.addEventListener("keydown", onKeyDown);
    document.documentElement.classList.add("overflow-hidden");
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      document.documentElement.classList.remove("overflow-hidden");
    };
  }, [covering, hide]);

  if (absent) return null;
  return (
    <>
      {covering ? (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden="true"
          onClick={hide}
          className="fixed inset-0 z-40 animate-fade-in bg-scrim max-sm:hidden lg:hidden"
        />
      ) : null}
      <aside
        ref={panel}
        id="chat-panel"
        aria-label="Chat"
        tabIndex={-1}
        style={{ "--chat-width": `${width}px` } as CSSProperties}
        className={cn(
          "flex-col border-border border-l bg-surface outline-none",
          "lg:sticky lg:top-0 lg:h-dvh lg:w-[min(var(--chat-width),38vw)] lg:shrink-0",
          "max-lg:fixed max-lg:inset-y-0 max-lg:right-0 max-lg:z-50 max-lg:w-full max-lg:animate-slide-in-right max-lg:pb-[env(safe-area-inset-bottom)] sm:max-lg:w-[28rem]",
          open ? "lg:flex" : "lg:hidden",
          covering ? "max-lg:flex" : "max-lg:hidden",
        )}
      >
        {seen ? (
          <Suspense fallback={null}>
            <ChatPanelResizer />
          </Suspense>
        ) : null}
        <div className="flex h-12 shrink-0 items-center gap-1 border-border border-b pr-2 pl-4">
          <div ref={setHeaderSlot} className="flex min-w-0 flex-1 items-center gap-1">
            <h2 className="font-medium text-base [&:not(:only-child)]:hidden">Chat</h2>
          </div>
          <Button asChild variant="ghost" size="sm" className="w-7 px-0 pointer-coarse:w-9">
            <Link href="/chat" aria-label="Open the chat as a page">
              <Maximize2 aria-hidden="true" />
            </Link>
          </Button>
          <IconButton label="Close the chat" size="sm" onClick={hide}>
            <X aria-hidden="true" />
          </IconButton>
        </div>
        <div className="flex min-h-0 flex-1 flex-col">{seen ? children : null}</div>
      </aside>
    </>
  );
}
