"use client";

import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { ConversationStatus } from "./use-conversation";

export function ThreadProblem({
  conversation,
  onNew,
}: {
  conversation: Extract<ConversationStatus, { status: "missing" | "failed" }>;
  onNew: () => void;
}) {
  return conversation.status === "missing" ? (
    <ProblemPanel
      title="Conversation not found"
      message="It was deleted or belongs to somebody else."
      action={<Button onClick={onNew}>New conversation</Button>}
    />
  ) : (
    <ProblemPanel
      title="The conversation could not be loaded"
      message={conversation.error.message}
      action={<Button onClick={conversation.retry}>Try again</Button>}
    />
  );
}

/** The conversation is loaded, and cannot be rendered; typed text stays in the composer below. */
export function ThreadFailure({ onRetry, onNew }: { onRetry: () => void; onNew: () => void }) {
  return (
    <ProblemPanel
      title="This conversation could not be shown"
      message="Nothing in it was changed. Try again, or start a new one."
      action={
        <div className="flex flex-wrap gap-2">
          <Button onClick={onRetry}>Try again</Button>
          <Button variant="ghost" onClick={onNew}>
            New conversation
          </Button>
        </div>
      }
    />
  );
}

export function ProblemPanel({
  title,
  message,
  action,
}: {
  title: string;
  message: string;
  action: ReactNode;
}) {
  return (
    <div className="flex min-h-0 flex-1 flex-col justify-center overflow-y-auto p-4">
      <EmptyState title={title} action={action} className="mx-auto w-full max-w-xl">
        {message}
      </EmptyState>
    </div>
  );
}
