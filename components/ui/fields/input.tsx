"use client";

import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/components/ui/class-names";
import { useFieldControl } from "@/components/ui/fields/field";

/** The look that every text-like control shares. 16 px on phones: Safari zooms into anything smaller. */
export const controlStyles = cn(
  "w-full min-w-0 rounded-md border border-border-strong bg-surface text-text shadow-control transition-[border-color,box-shadow]",
  "text-sm max-sm:text-lg",
  "hover:border-faint/60 focus-visible:border-ring focus-visible:outline-none focus-visible:ring-3 focus-visible:ring-ring/25",
  "aria-invalid:border-danger aria-invalid:focus-visible:ring-danger/20",
  "disabled:cursor-not-allowed disabled:border-border disabled:bg-sunken disabled:text-muted disabled:shadow-none",
  "[&[readonly]]:bg-sunken dark:bg-background dark:[&[readonly]]:bg-sunken",
);

export type InputProps = ComponentProps<"input"> & {
  /** Monospace, for values that a machine reads: URLs, ids, scopes, commands. */
  mono?: boolean | undefined;
  /** An icon or a short text inside the field, before the value. */
  leading?: ReactNode;
};

export function Input({ className, mono, leading, ...props }: InputProps) {
  const control = useFieldControl(props);
  const input = (
    <input
      autoComplete="off"
      {...props}
      {...control}
      className={cn(
        controlStyles,
        "h-8 px-2.5 pointer-coarse:h-10",
        mono && "font-mono text-xs tracking-tight",
        leading ? "pl-8" : null,
        className,
      )}
    />
  );
  if (!leading) return input;
  return (
    <div className="relative">
      <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-faint [&_svg]:size-4">
        {leading}
      </span>
      {input}
    </div>
  );
}
