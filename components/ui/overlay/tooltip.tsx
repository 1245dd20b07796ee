"use client";

import { Tooltip as RadixTooltip } from "radix-ui";
import type { ReactNode } from "react";

export type TooltipProps = {
  /** More words for what is already named; never the only place of something needed. */
  content: ReactNode;
  side?: "top" | "right" | "bottom" | "left" | undefined;
  /** One focusable element. */
  children: ReactNode;
};

/** Brings its own provider, so that only pages with a tooltip load one. */
export function Tooltip({ content, side = "top", children }: TooltipProps) {
  return (
    <RadixTooltip.Provider delayDuration={300}>
      <RadixTooltip.Root>
        <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
        <RadixTooltip.Portal>
          <RadixTooltip.Content
            side={side}
            sideOffset={6}
            collisionPadding={8}
            className="z-50 max-w-72 select-none rounded-md bg-text px-2 py-1 text-background text-xs data-[state=delayed-open]:animate-fade-in"
          >
            {content}
          </RadixTooltip.Content>
        </RadixTooltip.Portal>
      </RadixTooltip.Root>
    </RadixTooltip.Provider>
  );
}
