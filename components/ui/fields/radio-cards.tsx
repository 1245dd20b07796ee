"use client";

import { type ReactNode, useId } from "react";
import { cn } from "@/components/ui/class-names";

export type RadioCardOption<Value extends string> = {
  value: Value;
  title: string;
  description?: ReactNode;
  icon?: ReactNode;
  /** A word after the title, such as "Default" or "Deprecated". */
  note?: string | undefined;
  /** Why it cannot be chosen. The card stays readable and says so. */
  disabledReason?: string | undefined;
};

export type RadioCardsProps<Value extends string> = {
  options: readonly RadioCardOption<Value>[];
  /** "" or another value that is not an option: none is selected. */
  value: Value | "";
  onValueChange: (value: Value) => void;
  /** Generated if missing. */
  name?: string | undefined;
  columns?: 1 | 2 | 3 | undefined;
};

const grid = { 1: "", 2: "@lg:grid-cols-2", 3: "@lg:grid-cols-3" } as const;

/** Choices that deserve a sentence each. Put it in a FieldGroup, whose legend names the question. */
export function RadioCards<Value extends string>({
  options,
  value,
  onValueChange,
  name,
  columns = 1,
}: RadioCardsProps<Value>) {
  const base = useId();
  return (
    <div className="@container">
      <div className={cn("grid gap-2", grid[columns])}>
        {options.map((option) => {
          const id = `${base}-${option.value}`;
          const disabled = option.disabledReason !== undefined;
          return (
            <label
              key={option.value}
              htmlFor={id}
              className={cn(
                "relative flex items-start gap-3 rounded-lg border border-border-strong bg-surface p-3 transition-colors",
                "has-checked:border-accent has-checked:bg-accent-subtle has-checked:shadow-[inset_0_0_0_1px_var(--accent)]",
                "has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2",
                disabled ? "cursor-not-allowed border-border bg-sunken" : "hover:border-faint",
              )}
            >
              <input
                name={name ?? base}
                id={id}
                type="radio"
                value={option.value}
                disabled={disabled}
                checked={value === option.value}
                onChange={() => onValueChange(option.value)}
                aria-labelledby={`${id}-title`}
                aria-describedby={`${id}-description`}
                className="mt-0.5 size-4 shrink-0 appearance-none rounded-full border border-faint bg-surface outline-none transition-[border-width,border-color] checked:border-[5px] checked:border-accent disabled:border-border-strong disabled:bg-sunken dark:bg-background"
              />
              <span className="grid min-w-0 gap-0.5 text-sm">
                <span className="flex flex-wrap items-center gap-x-2">
                  <span
                    id={`${id}-title`}
                    className={cn("font-medium leading-5", disabled && "text-muted")}
                  >
                    {option.title}
                  </span>
                  {option.note ? <span className="text-muted text-xs">{option.note}</span> : null}
                </span>
                <span id={`${id}-description`} className="text-muted text-xs">
                  {option.description}
                  {disabled ? (
                    <span className="mt-1 block text-warning-text">{option.disabledReason}</span>
                  ) : null}
                </span>
              </span>
              {option.icon ? (
                <span className="ml-auto text-faint [&_svg]:size-4">{option.icon}</span>
              ) : null}
            </label>
          );
        })}
      </div>
    </div>
  );
}
