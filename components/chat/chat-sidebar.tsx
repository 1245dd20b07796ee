"use client";

import { lazy, Suspense, useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorBoundary } from "@/components/ui/error-boundary";
import { useChatState } from "./chat-state";
import { ThreadSkeleton } from "./thread-skeleton";

const ChatPanelView = lazy(() =>
  import("./chat-panel-view").then((module) => ({ default: module.ChatPanelView })),
);

/**
 * The chat in the shell's panel. It is on every page, so its code comes only once the panel is
 * opened; where it was open before, after the page.
 */
export function ChatSidebar() {
  if (!useIsInBrowser()) return <ChatPanelSkeleton />;
  return (
    <ErrorBoundary resetKey={null} fallback={(retry) => <PanelFailure onRetry={retry} />}>
      <Suspense fallback={<ChatPanelSkeleton />}>
        <ChatPanelView />
      </Suspense>
    </ErrorBoundary>
  );
}

/** The page beside the panel stays. A reload fetches code that a new version has replaced. */
function PanelFailure({ onRetry }: { onRetry: () => void }) {
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

/** False on the server and at the first paint, which has to be the same. */
function useIsInBrowser(): boolean {
  return useSyncExternalStore(
    subscribeToNothing,
    () => true,
    () => false,
  );
}

function subscribeToNothing() {
  return () => {};
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
