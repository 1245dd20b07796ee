"use client";

import { lazy, Suspense, useEffect } from "react";
import { ThreadSkeleton } from "@/components/chat/turn/thread-skeleton";
import { useIsInBrowser } from "./chat-state";

const load = () =>
  import("./chat-panel-view").then((module) => ({ default: module.ChatPanelView }));
const ChatPanelView = lazy(load);

/** ms after hydration: nothing that the page needs is loading any more. */
const atRest = 1_500;

/** Loads the chat's code, which takes a browser 100 ms to run, before a person clicks on Chat or Ask. */
export function PrepareChat() {
  useEffect(() => {
    const timer = setTimeout(() => load().catch(() => {}), atRest);
    return () => clearTimeout(timer);
  }, []);
  return null;
}

/**
 * The chat in the shell's panel. It is on every page, so its code loads only once the panel is
 * opened; if it was open before, after the page.
 */
export function ChatSidebar() {
  if (!useIsInBrowser()) return <ChatPanelSkeleton />;
  return (
    <Suspense fallback={<ChatPanelSkeleton />}>
      <ChatPanelView />
    </Suspense>
  );
}

function ChatPanelSkeleton() {
  return (
    <>
      <ThreadSkeleton />
      <div className="shrink-0 px-3 pt-1 pb-3 sm:px-4">
        <div className="h-[5.375rem] rounded-xl border border-border-strong bg-surface shadow-control dark:bg-background" />
      </div>
    </>
  );
}
