"use client";

import { WifiOff, X } from "lucide-react";
import { Button, IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";

/** Says above the composer why a turn did not start; the text of a message is back in there. */
export function SendFailure({
  message,
  retryLabel,
  onRetry,
  onDismiss,
}: {
  message: string;
  retryLabel: string;
  onRetry: () => void;
  onDismiss: () => void;
}) {
  return (
    <Callout
      tone="danger"
      announce
      title={message}
      action={
        <>
          <Button size="sm" onClick={onRetry}>
            {retryLabel}
          </Button>
          <IconButton label="Dismiss" size="sm" onClick={onDismiss}>
            <X aria-hidden="true" />
          </IconButton>
        </>
      }
    />
  );
}

export function OfflineNotice() {
  return (
    <p
      role="status"
      className="flex items-center gap-2 rounded-lg border border-warning-border bg-warning-subtle px-3 py-2 text-sm"
    >
      <WifiOff aria-hidden="true" className="size-4 shrink-0 text-warning-text" />
      You are offline. Your message is kept. Send it when you are back online.
    </p>
  );
}
