"use client";

import { Check, Minus } from "lucide-react";
import { type ComponentProps, type ReactNode, useEffect, useId, useRef } from "react";
import { cn } from "@/components/ui/class-names";

export type CheckboxProps = Omit<ComponentProps<"input">, "type" | "ref"> & {
  label: ReactNode;
  description?: ReactNode;
  /** Keeps the label for screen readers only. */
  hideLabel?: boolean | undefined;
  /** Some, not all, of what this box stands for. */
  indeterminate?: boolean | undefined;
  ref?: ((element: HTMLInputElement | null) => void) | undefined;
};

export function Checkbox({
  label,
  description,
  hideLabel = false,
  indeterminate = false,
  className,
  ref,
  ...props
}: CheckboxProps) {
  const made = useId();
  const id = props.id ?? made;
  const input = useRef<HTMLInputElement | null>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = indeterminate;
  }, [indeterminate]);

  return (
    <div className={cn("flex items-start gap-2.5 text-sm", className)}>
      <span className="relative flex h-5 items-center">
        <input
          {...props}
          ref={(element) => {
            input.current = element;
            ref?.(element);
          }}
          id={id}
          type="checkbox"
          aria-describedby={description ? `${id}-description` : props["aria-describedby"]}
          className="peer size-4 appearance-none rounded-xs border border-faint bg-surface transition-colors checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent disabled:cursor-not-allowed disabled:border-border-strong disabled:bg-sunken dark:bg-background dark:checked:bg-accent dark:indeterminate:bg-accent"
        />
        <Check
          aria-hidden="true"
          strokeWidth={3}
          className="pointer-events-none absolute left-0.5 hidden size-3 text-on-accent peer-checked:block peer-indeterminate:hidden peer-disabled:text-faint"
        />
        <Minus
          aria-hidden="true"
          strokeWidth={3}
          className="pointer-events-none absolute left-0.5 hidden size-3 text-on-accent peer-indeterminate:block"
        />
      </span>
      <span className={cn("grid min-w-0", hideLabel && "sr-only")}>
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
