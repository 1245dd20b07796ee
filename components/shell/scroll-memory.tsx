"use client";

import { useEffect } from "react";

/**
 * Back, Forward and a reload show a page where it was left, once its data is there: the browser does
 * so by itself only where the page is tall enough at once. Its code is not needed for the first paint.
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
