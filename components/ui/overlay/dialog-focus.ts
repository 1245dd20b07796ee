"use client";

import { type RefObject, useRef } from "react";

/** What had the focus. A menu's entry is gone by the time the dialog closes: its button is used. */
function openerOf(active: Element | null): Element | null {
  const button = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return button ? document.getElementById(button) : active;
}

/** A menu that has just closed returns the focus to its button with a delay. */
function awaitMenuButton(dialog: HTMLElement, opener: RefObject<Element | null>): void {
  const stop = () => document.removeEventListener("focusin", listen, true);
  function listen({ target }: FocusEvent) {
    if (!(target instanceof Element) || dialog.contains(target)) return;
    opener.current = target;
    stop();
  }
  document.addEventListener("focusin", listen, true);
  setTimeout(stop, 500);
}

const fields =
  "input:not([type=hidden]):not(:disabled), textarea:not(:disabled), select:not(:disabled), [role=combobox]:not(:disabled)";

/**
 * Where the focus goes when a dialog opens and closes. It opens in its first field, with the text
 * selected; without a field, on the current entry or on the dialog itself, never on its ✕. When it closes, the focus
 * returns to what opened it. Spread the result on its content.
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/dialog-modal/
 * @param hasTrigger Radix knows what opened it, and returns there
 */
export function useDialogFocus(hasTrigger: boolean) {
  const opener = useRef<Element | null>(null);
  return {
    onOpenAutoFocus(event: Event) {
      const dialog = event.target;
      if (!(dialog instanceof HTMLElement)) return;
      opener.current = openerOf(document.activeElement);
      if (opener.current === document.body) awaitMenuButton(dialog, opener);
      const field = dialog.querySelector<HTMLElement>(fields);
      // Radix focuses "Cancel" there, as the pattern asks.
      if (!field && dialog.role === "alertdialog") return;
      event.preventDefault();
      (field ?? dialog.querySelector<HTMLElement>("[aria-current]") ?? dialog).focus();
      if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.select();
    },
    ...(hasTrigger
      ? {}
      : {
          onCloseAutoFocus(event: Event) {
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          },
        }),
  };
}
