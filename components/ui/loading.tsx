import { cn } from "@/components/ui/class-names";

/** Announces `label` to a screen reader; pass `label=""` if the text beside it already says so. */
export function Spinner({
  label = "Loading",
  className,
}: {
  label?: string | undefined;
  className?: string | undefined;
}) {
  return (
    <span className={cn("inline-flex size-4 shrink-0", className)}>
      <svg
        data-spinner
        viewBox="0 0 16 16"
        fill="none"
        aria-hidden="true"
        className="size-full animate-spin"
      >
        <circle cx="8" cy="8" r="6.25" stroke="currentColor" strokeWidth="1.75" opacity="0.22" />
        <path
          d="M14.25 8A6.25 6.25 0 0 0 8 1.75"
          stroke="currentColor"
          strokeWidth="1.75"
          strokeLinecap="round"
        />
      </svg>
      {label === "" ? null : <span className="sr-only">{label}</span>}
    </span>
  );
}

/** A placeholder: give it the size of the content to come. */
export function Skeleton({ className }: { className?: string | undefined }) {
  return (
    <span
      aria-hidden="true"
      className={cn("block h-4 animate-shimmer rounded-sm bg-pressed", className)}
    />
  );
}
