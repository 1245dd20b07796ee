import { useRef, useState } from "react";

/** The dialogs that a menu leads to, one at a time. */
export function useMenuDialogs<Choice extends string>() {
  const chosen = useRef<Choice | null>(null);
  const [open, setOpen] = useState<Choice | null>(null);
  return {
    /** For the menu's item. */
    item: (choice: Choice) => ({
      onSelect: () => {
        chosen.current = choice;
      },
    }),
    /** For the menu's content. */
    onCloseAutoFocus: () => {
      // The dialog opens only now: on closing, it returns the focus to what had it here.
      setOpen(chosen.current);
      chosen.current = null;
    },
    dialog: (choice: Choice) => ({
      open: open === choice,
      onOpenChange: (next: boolean) => setOpen(next ? choice : null),
    }),
  };
}
