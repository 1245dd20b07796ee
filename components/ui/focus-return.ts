"use client";

import { useRef } from "react";

/**
 * For a dialog that something else than its own trigger opens: Radix then does not know where the
 * focus came from, and leaves it on the page's body. Spread the result on the dialog's content.
 */
export function useFocusReturn(hasTrigger: boolean) {
  const before = useRef<Element | null>(null);
  if (hasTrigger) return {};
  return {
    onOpenAutoFocus() {
      before.current = document.activeElement;
    },
    onCloseAutoFocus(event: Event) {
      event.preventDefault();
      if (before.current instanceof HTMLElement) before.current.focus();
    },
  };
}
