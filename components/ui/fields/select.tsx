"use client";

import { Check, ChevronDown } from "lucide-react";
import { Select as RadixSelect } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/components/ui/class-names";
import { useFieldControl } from "@/components/ui/fields/field";
import { controlStyles } from "./input";

export type SelectOption = {
  value: string;
  label: string;
  description?: ReactNode;
  icon?: ReactNode;
  disabled?: boolean | undefined;
};

export type SelectProps = {
  value?: string | undefined;
  onValueChange?: ((value: string) => void) | undefined;
  options: readonly SelectOption[];
  disabled?: boolean | undefined;
  size?: "sm" | "md" | undefined;
  /** The accessible name if no Field provides one. */
  "aria-label"?: string | undefined;
  className?: string | undefined;
};

/** One of a few known values. `value` of an option must not be empty. */
export function Select({
  options,
  size = "md",
  className,
  "aria-label": ariaLabel,
  ...root
}: SelectProps) {
  const control = useFieldControl({});
  return (
    <RadixSelect.Root {...root}>
      <RadixSelect.Trigger
        {...control}
        aria-label={ariaLabel}
        className={cn(
          controlStyles,
          "flex items-center justify-between gap-2 text-left data-placeholder:text-faint",
          size === "sm" ? "h-7 px-2 text-xs pointer-coarse:h-9" : "h-8 px-2.5 pointer-coarse:h-10",
          className,
        )}
      >
        <span className="min-w-0 truncate">
          <RadixSelect.Value placeholder="Choose…" />
        </span>
        <RadixSelect.Icon asChild>
          <ChevronDown aria-hidden="true" className="size-4 shrink-0 text-faint" />
        </RadixSelect.Icon>
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) max-w-[min(28rem,calc(100vw-1rem))] overflow-hidden rounded-lg bg-raised text-sm shadow-overlay data-[state=open]:animate-pop-in"
        >
          <RadixSelect.Viewport className="p-1">
            {options.map((option) => (
              <RadixSelect.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                // Named by all of its text, so that the description is read aloud as well.
                aria-labelledby={undefined}
                className="relative flex min-h-8 cursor-default select-none items-start gap-2 rounded-sm py-1.5 pr-8 pl-2 outline-none data-disabled:text-faint data-highlighted:bg-hover pointer-coarse:min-h-10"
              >
                {option.icon ? (
                  <span className="flex h-5 items-center text-muted [&_svg]:size-4">
                    {option.icon}
                  </span>
                ) : null}
                <span className="grid min-w-0">
                  <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                  {option.description ? (
                    <span className="text-muted text-xs">{option.description}</span>
                  ) : null}
                </span>
                <RadixSelect.ItemIndicator className="absolute top-2 right-2">
                  <Check aria-hidden="true" className="size-4 text-accent-text" />
                </RadixSelect.ItemIndicator>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}
