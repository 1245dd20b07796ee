"use client";

import { RotateCcw, Square } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import type { TurnErrorPart } from "@/lib/contracts/chat/chat";
import { useOpenConversation } from "./conversation-context";

/** Why an answer ended before it was done. Only the last one can be asked for again. */
export function TurnError({ error, last }: { error: TurnErrorPart; last: boolean }) {
  const { session, busy } = useOpenConversation();
  const retry =
    last && error.retryable ? (
      <Button size="sm" disabled={busy} onClick={() => void session.retry()}>
        <RotateCcw aria-hidden="true" />
        Retry
      </Button>
    ) : null;
  if (error.stopped) {
    return (
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-3 gap-y-1 text-muted text-sm">
        <p className="flex items-center gap-2">
          <Square aria-hidden="true" className="size-3.5 shrink-0" />
          You stopped this answer.
        </p>
        {retry}
      </div>
    );
  }
  return (
    <Callout tone="danger" title="The answer could not be finished" action={retry}>
      {error.message}
    </Callout>
  );
}
