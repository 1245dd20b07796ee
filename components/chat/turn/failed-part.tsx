"use client";

import { useState } from "react";
import { PlainAnswer } from "@/components/chat/markdown/plain-text";
import { Button } from "@/components/ui/button";

/** In place of a message, or of a part of one, that cannot be rendered. */
export function FailedPart({
  what,
  rawText,
  onRetry,
}: {
  what: string;
  rawText: () => string;
  onRetry: () => void;
}) {
  const [text, setText] = useState<string | null>(null);
  return (
    <section aria-label={`${what} could not be shown`} className="grid min-w-0 gap-2">
      <div className="flex flex-wrap items-center gap-2 rounded-lg border border-border bg-sunken px-3 py-2">
        <p className="min-w-0 flex-1 text-muted text-sm">{what} could not be shown.</p>
        {text === null ? (
          <Button size="sm" onClick={() => setText(textOf(rawText))}>
            Show as plain text
          </Button>
        ) : null}
        <Button size="sm" variant="ghost" onClick={onRetry}>
          Try again
        </Button>
      </div>
      {text === null ? null : <PlainAnswer text={text} />}
    </section>
  );
}

/** Content that cannot be rendered may not have the expected shape either. */
function textOf(rawText: () => string): string {
  try {
    return rawText() || "There is no text in it.";
  } catch {
    return "Its text could not be read.";
  }
}
