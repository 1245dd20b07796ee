"use client";

import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { useReached } from "@/components/ui/list/use-reached";

/** Loads when it is scrolled into view. A press does the same, and moves the focus along. */
export function Older({
  query: { isFetchingNextPage, isFetchNextPageError, isFetching, error },
  onOlder,
}: {
  query: {
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    isFetching: boolean;
    error: Error | null;
  };
  onOlder: () => Promise<unknown>;
}) {
  const box = useRef<HTMLDivElement>(null);
  useReached(box, onOlder, { paused: isFetching || isFetchNextPageError });

  async function press() {
    const list = box.current?.parentElement;
    const shown = list?.querySelectorAll(lineSelector).length ?? 0;
    await onOlder();
    // The lines exist after the next paint.
    requestAnimationFrame(() => list?.querySelectorAll<HTMLElement>(lineSelector)[shown]?.focus());
  }

  return (
    <div ref={box} className="grid gap-1 px-4 pb-4">
      {isFetchNextPageError ? (
        <p role="alert" className="text-danger-text text-xs">
          {error?.message}
        </p>
      ) : null}
      <Button size="sm" loading={isFetchingNextPage} onClick={() => void press()}>
        Show older
      </Button>
    </div>
  );
}

const lineSelector = "button[data-conversation]";
