import type { ComponentProps } from "react";
import { cn } from "./class-names";

export function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return (
    <kbd
      {...props}
      className={cn(
        "inline-flex h-4.5 min-w-4.5 items-center justify-center whitespace-nowrap rounded-xs border border-border bg-sunken px-1 font-sans text-2xs text-muted",
        className,
      )}
    />
  );
}
