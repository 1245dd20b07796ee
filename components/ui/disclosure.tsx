"use client";

import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";

export type DisclosureProps = {
  title: ReactNode;
  /** A line beside the title: what is inside, or what is set there. */
  summary?: ReactNode;
  defaultOpen?: boolean | undefined;
  /** Opens it from outside, for example when a field inside has an error. */
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  children: ReactNode;
};

/** Shows and hides a part that few people need. Its content stays mounted. */
export function Disclosure({
  title,
  summary,
  defaultOpen = false,
  open,
  onOpenChange,
  children,
}: DisclosureProps) {
  const [ownOpen, setOwnOpen] = useState(defaultOpen);
  return (
    <details
      open={open ?? ownOpen}
      onToggle={(event) => {
        // `toggle` of a nested <details> does not bubble, but React passes it up.
        if (event.target !== event.currentTarget) return;
        setOwnOpen(event.currentTarget.open);
        onOpenChange?.(event.currentTarget.open);
      }}
      className="group/disclosure min-w-0 rounded-lg border border-border bg-surface"
    >
      <summary className="flex min-h-10 list-none items-center gap-2 rounded-lg px-3 py-2 text-sm hover:bg-hover">
        <ChevronRight
          aria-hidden="true"
          className="size-4 shrink-0 text-faint transition-transform group-open/disclosure:rotate-90"
        />
        <span className="shrink-0 font-medium">{title}</span>
        {summary ? <span className="min-w-0 truncate text-muted">{summary}</span> : null}
      </summary>
      <div className="border-border border-t p-4">{children}</div>
    </details>
  );
}
