"use client";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useChatState } from "./chat-state";

/** A reload fetches code that a new version has replaced. */
export function ChatPanelFailure({ onRetry }: { onRetry: () => void }) {
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
