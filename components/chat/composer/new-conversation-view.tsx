"use client";

import { Bot } from "lucide-react";
import Link from "next/link";
import { ProblemPanel } from "@/components/chat/turn/thread-problem";
import { ThreadSkeleton } from "@/components/chat/turn/thread-skeleton";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { NewConversation } from "./use-new-conversation";
import { Welcome } from "./welcome";

export function NewConversationView({
  start,
  onExample,
}: {
  start: NewConversation;
  onExample: (text: string) => void;
}) {
  if (start.error) {
    return (
      <ProblemPanel
        title="The assistants could not be loaded"
        message={start.error.message}
        action={<Button onClick={start.retry}>Try again</Button>}
      />
    );
  }
  if (!start.assistants) return <ThreadSkeleton />;
  if (!start.assistant) {
    return (
      <div className="flex min-h-0 flex-1 flex-col justify-center overflow-y-auto p-4">
        <EmptyState
          icon={<Bot />}
          title="No assistant yet"
          className="mx-auto w-full max-w-xl"
          action={
            <Button asChild>
              <Link href="/assistants">Open Assistants</Link>
            </Button>
          }
        >
          An assistant joins a model with the servers whose tools it may call. An admin makes the
          first one.
        </EmptyState>
      </div>
    );
  }
  return <Welcome assistant={start.assistant} onExample={onExample} />;
}
