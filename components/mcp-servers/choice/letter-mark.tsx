import { cn } from "@/components/ui/class-names";
import { letterColor } from "./letter-color";

/** A vendor as the first letter of its name, on its colour. */
export function LetterMark({
  name,
  color,
  className,
}: {
  name: string;
  /** As `#rrggbb`. */
  color: string;
  className?: string | undefined;
}) {
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: color, color: letterColor(color) }}
      className={cn(
        "flex size-9 shrink-0 select-none items-center justify-center rounded-md font-semibold text-base",
        // A colour as dark as the page still gets an edge.
        "shadow-[inset_0_0_0_1px_var(--border-strong)]",
        className,
      )}
    >
      {[...name][0]?.toUpperCase()}
    </span>
  );
}
