"use client";

import { Check } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/components/ui/class-names";

export type CheckboxProps = Omit<ComponentProps<"input">, "type"> & {
  label: ReactNode;
  description?: ReactNode;
};

export function Checkbox({ label, description, className, ...props }: CheckboxProps) {
  const made = useId();
  const id = props.id ?? made;
  return (
    <div className={cn("flex items-start gap-2.5 text-sm", className)}>
      <span className="relative flex h-5 items-center">
        <input
          {...props}
          id={id}
          type="checkbox"
          aria-describedby={description ? `${id}-description` : props["aria-describedby"]}
          className="peer size-4 appearance-none rounded-xs border border-faint bg-surface transition-colors checked:border-accent checked:bg-accent disabled:cursor-not-allowed disabled:border-border-strong disabled:bg-sunken dark:bg-background dark:checked:bg-accent"
        />
        <Check
          aria-hidden="true"
          strokeWidth={3}
          className="pointer-events-none absolute left-0.5 hidden size-3 text-on-accent peer-checked:block peer-disabled:text-faint"
        />
      </span>
      <span className="grid min-w-0">
        <label htmlFor={id} className={cn("leading-5", props.disabled && "text-faint")}>
          {label}
        </label>
        {description ? (
          <span id={`${id}-description`} className="text-muted text-xs">
            {description}
          </span>
        ) : null}
      </span>
    </div>
  );
}
