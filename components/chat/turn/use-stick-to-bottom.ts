"use client";

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/** Within this many px of its end, the view counts as being at the end. */
const near = 12;
/** Farther from the end than this, there is a way back to it. */
const far = 120;

export type StickToBottom = {
  viewport: RefObject<HTMLElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The end is out of sight. */
  away: boolean;
  toBottom: (smooth?: boolean) => void;
};

/**
 * Keeps the end of a growing text in view for as long as the reader is there. Whoever scrolls up is
 * left alone: the browser's own scroll anchoring holds what they read in its place.
 */
export function useStickToBottom(): StickToBottom {
  const viewport = useRef<HTMLElement | null>(null);
  const content = useRef<HTMLDivElement | null>(null);
  const stuck = useRef(true);
  const [away, setAway] = useState(false);

  const toBottom = useCallback((smooth = false) => {
    const box = viewport.current;
    if (!box) return;
    stuck.current = true;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    box.scrollTo({ top: box.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }, []);

  useLayoutEffect(() => {
    const box = viewport.current;
    const inner = content.current;
    if (!box || !inner) return;
    let top = box.scrollTop;
    let height = box.scrollHeight;

    function onScroll() {
      if (!box) return;
      const left = box.scrollHeight - box.scrollTop - box.clientHeight;
      const shrank = box.scrollHeight < height;
      if (left <= near) stuck.current = true;
      else if (box.scrollTop < top - 1 && !shrank) stuck.current = false;
      top = box.scrollTop;
      height = box.scrollHeight;
      setAway(left > far && !stuck.current);
    }

    // Before paint: what grew is never seen below the edge.
    const observer = new ResizeObserver(() => {
      if (stuck.current) box.scrollTop = box.scrollHeight;
      onScroll();
    });
    // Whoever opens a detail wants to read it from its top: the end may leave the view.
    function onClick(event: MouseEvent) {
      if (event.target instanceof Element && event.target.closest("[aria-expanded], summary")) {
        stuck.current = false;
      }
    }

    toBottom();
    observer.observe(box);
    observer.observe(inner);
    box.addEventListener("scroll", onScroll, { passive: true });
    box.addEventListener("click", onClick);
    return () => {
      observer.disconnect();
      box.removeEventListener("click", onClick);
      box.removeEventListener("scroll", onScroll);
    };
  }, [toBottom]);

  return { viewport, content, away, toBottom };
}
