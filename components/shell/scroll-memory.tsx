"use client";

import { useEffect } from "react";

/**
 * Restores the scroll position after Back, Forward and a reload, once the page's data is there. The browser
 * does this only if the page is tall enough right away. Loaded after the first paint.
 */
export function ScrollMemory() {
  useEffect(() => {
    let stop: (() => void) | null = () => {};
    void import("./remember-scroll").then(({ rememberScroll }) => {
      if (stop) stop = rememberScroll();
    });
    return () => {
      stop?.();
      stop = null;
    };
  }, []);
  return null;
}
