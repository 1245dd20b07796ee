"use client";

import dynamic from "next/dynamic";
import { ThreadSkeleton } from "./thread-placeholders";

/**
 * The chat in the shell's panel. It is on every page, so its code comes only once the panel is
 * opened.
 */
export const ChatSidebar = dynamic(
  () => import("./chat-panel-view").then((module) => module.ChatPanelView),
  { ssr: false, loading: ChatPanelSkeleton },
);

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
