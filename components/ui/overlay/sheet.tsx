"use client";

import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { scrimStyles } from "./dialog";
import { useDialogFocus } from "./dialog-focus";

const sides = {
  left: "left-0 border-r data-[state=open]:animate-slide-in-left data-[state=closed]:animate-slide-out-left",
  right:
    "right-0 border-l data-[state=open]:animate-slide-in-right data-[state=closed]:animate-slide-out-right",
} as const;

export type SheetProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  side?: keyof typeof sides | undefined;
  title: string;
  /** Keeps the title for screen readers; the content then has its own heading. */
  hideTitle?: boolean | undefined;
  className?: string | undefined;
  children: ReactNode;
};

/** A drawer from the side of the window. */
export function Sheet({
  open,
  onOpenChange,
  side = "right",
  title,
  hideTitle = false,
  className,
  children,
}: SheetProps) {
  const focus = useDialogFocus(false);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={scrimStyles} />
        <Dialog.Content
          {...focus}
          className={cn(
            "fixed inset-y-0 z-50 flex w-[min(28rem,calc(100vw-3rem))] flex-col border-border bg-raised outline-none",
            sides[side],
            className,
          )}
          aria-describedby={undefined}
        >
          {hideTitle ? (
            <Dialog.Title className="sr-only">{title}</Dialog.Title>
          ) : (
            <div className="flex items-start justify-between gap-4 border-border border-b px-4 py-3">
              <Dialog.Title className="min-w-0 font-semibold text-base">{title}</Dialog.Title>
              <Dialog.Close asChild>
                <IconButton label="Close" size="sm" className="-mr-1">
                  <X aria-hidden="true" />
                </IconButton>
              </Dialog.Close>
            </div>
          )}
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
