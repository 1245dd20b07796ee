"use client";

import { type RefObject, useEffect, useRef } from "react";

/**
 * Calls back when the element comes into view, and again if it is still there when a pause ends.
 *
 * @param options.paused does not watch, for example while more is loading
 * @param options.margin extends the view of the `section` that scrolls, as `rootMargin` does. Left out: the
 *   page's own view
 */
export function useReached(
  box: RefObject<HTMLElement | null>,
  onReached: () => Promise<unknown>,
  { paused, margin }: { paused: boolean; margin?: string },
): void {
  const reached = useRef(onReached);
  useEffect(() => {
    reached.current = onReached;
  });
  useEffect(() => {
    const element = box.current;
    if (paused || !element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void reached.current();
      },
      margin === undefined ? {} : { root: element.closest("section"), rootMargin: margin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, paused, margin]);
}
