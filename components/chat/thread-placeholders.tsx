"use client";

import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { EmptyState } from "@/components/ui/empty-state";
import { Skeleton } from "@/components/ui/skeleton";
import type { ConversationStatus } from "./use-conversation";

export function ThreadSkeleton() {
  return (
    <div className="min-h-0 flex-1 overflow-hidden">
      <p role="status" className="sr-only">
        Loading the chat
      </p>
      <div className="mx-auto grid w-full max-w-3xl gap-5 px-4 pt-5">
        <Skeleton className="ml-auto h-10 w-48 rounded-xl" />
        <div className="grid gap-2.5">
          {["w-11/12", "w-full", "w-3/5"].map((width) => (
            <Skeleton key={width} className={width} />
          ))}
        </div>
        <Skeleton className="h-13 w-full rounded-lg" />
        <div className="grid gap-2.5">
          {["w-4/5", "w-2/5"].map((width) => (
            <Skeleton key={width} className={cn(width)} />
          ))}
        </div>
      </div>
    </div>
  );
}

export function ThreadProblem({
  conversation,
  onNew,
}: {
  conversation: Extract<ConversationStatus, { status: "missing" | "failed" }>;
  onNew: () => void;
}) {
  return conversation.status === "missing" ? (
    <ProblemPanel
      title="This conversation is not here"
      message="It was deleted, or it is somebody else’s."
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
