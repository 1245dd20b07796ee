import { cn } from "./class-names";

/** A place that will be filled: give it the size of what comes. */
export function Skeleton({ className }: { className?: string | undefined }) {
  return (
    <span
      aria-hidden="true"
      className={cn("block h-4 animate-shimmer rounded-sm bg-pressed", className)}
    />
  );
}
