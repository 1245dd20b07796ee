"use client";

import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/components/ui/class-names";

// The check box provides the checked state that the role requires.
const switchRole = { role: "switch" } as const;

export type SwitchProps = Omit<ComponentProps<"input">, "type" | "role" | "size"> & {
  label: ReactNode;
  description?: ReactNode;
};

/** A setting that is on or off: the text on the left, the switch on the right. */
export function Switch({ label, description, className, ...props }: SwitchProps) {
  const made = useId();
  const id = props.id ?? made;
  return (
    <div className={cn("flex items-start justify-between gap-6 text-sm", className)}>
      <span className="grid min-w-0 gap-0.5">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {description ? (
          <span id={`${id}-description`} className="text-muted text-xs">
            {description}
          </span>
        ) : null}
      </span>
      <span className="relative mt-0.5 flex h-4.5 w-8 shrink-0">
        <input
          {...props}
          id={id}
          type="checkbox"
          {...switchRole}
          aria-describedby={description ? `${id}-description` : props["aria-describedby"]}
          className="peer size-full appearance-none rounded-full bg-faint/70 transition-colors checked:bg-accent disabled:cursor-not-allowed disabled:opacity-50"
        />
        <span className="pointer-events-none absolute top-0.5 left-0.5 size-3.5 rounded-full bg-surface shadow-control transition-transform peer-checked:translate-x-3.5 dark:bg-text dark:peer-checked:bg-on-accent" />
      </span>
    </div>
  );
}
