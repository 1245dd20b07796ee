"use client";

import { type RefObject, useCallback, useLayoutEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { useReached } from "@/components/ui/list/use-reached";
import { Spinner } from "@/components/ui/loading";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

/** How far above the view older messages are fetched, so that people rarely wait for them. */
const ahead = "800px 0px 0px";

/** Shown above the first message while there are older ones, and loads them when it is scrolled into view. */
export function EarlierLoader({
  loading,
  problem,
  onLoad,
}: {
  loading: boolean;
  problem: string | null;
  onLoad: () => Promise<void>;
}) {
  const box = useRef<HTMLDivElement>(null);
  useReached(box, onLoad, { paused: loading || problem !== null, margin: ahead });

  async function press() {
    const view = box.current?.closest("section");
    await onLoad();
    // The button disappears with the last page; the keyboard focus moves to the messages.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) view?.focus({ preventScroll: true });
    });
  }

  return (
    <div ref={box} className="mb-5 grid min-h-9 items-center justify-items-center">
      {problem !== null ? (
        <Callout
          tone="danger"
          announce
          title="Older messages could not be loaded"
          className="w-full"
          action={
            <Button size="sm" onClick={() => void press()}>
              Try again
            </Button>
          }
        >
          {problem}
        </Callout>
      ) : loading ? (
        <p role="status" className="flex items-center gap-2 text-muted text-sm">
          <Spinner label="" />
          Loading older messages…
        </p>
      ) : (
        <Button size="sm" variant="ghost" onClick={() => void press()}>
          Show older messages
        </Button>
      )}
    </div>
  );
}

/**
 * Keeps the visible text in place while messages are inserted above it. Browsers do this themselves, but not at
 * the very top, and Safari not at all.
 *
 * @returns to be called right before the messages are inserted
 */
export function useHeldPlace(
  viewport: RefObject<HTMLElement | null>,
  messages: readonly ChatMessage[],
): () => void {
  const held = useRef<{ element: Element; top: number } | null>(null);
  useLayoutEffect(() => {
    const box = viewport.current;
    if (!held.current || !box || messages.length === 0) return;
    const { element, top } = held.current;
    held.current = null;
    if (element.isConnected) box.scrollTop += element.getBoundingClientRect().top - top;
  }, [viewport, messages]);

  return useCallback(() => {
    const box = viewport.current;
    if (!box) return;
    const edge = box.getBoundingClientRect().top;
    const element = [...box.querySelectorAll("[data-message]")].find(
      (each) => each.getBoundingClientRect().bottom > edge,
    );
    held.current = element ? { element, top: element.getBoundingClientRect().top } : null;
  }, [viewport]);
}
