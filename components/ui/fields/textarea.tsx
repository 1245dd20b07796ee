"use client";

import type { ComponentProps } from "react";
import { cn } from "@/components/ui/class-names";
import { useFieldControl } from "@/components/ui/fields/field";
import { controlStyles } from "./input";

export type TextareaProps = ComponentProps<"textarea"> & {
  mono?: boolean | undefined;
  /** Grows with its text, up to 24 rem. */
  autoGrow?: boolean | undefined;
};

export function Textarea({ className, mono, autoGrow, rows = 3, ...props }: TextareaProps) {
  const control = useFieldControl(props);
  return (
    <textarea
      {...props}
      {...control}
      rows={rows}
      className={cn(
        controlStyles,
        "block resize-y px-2.5 py-1.5 leading-5",
        mono && "font-mono text-xs tracking-tight",
        autoGrow && "field-sizing-content max-h-96",
        className,
      )}
    />
  );
}
