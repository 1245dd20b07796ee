"use client";

import { cn } from "@/components/ui/class-names";
import { useFieldControl } from "@/components/ui/fields/field";
import { CopyButton } from "@/components/ui/text/copy-button";
import { controlStyles } from "./input";

export type CopyFieldProps = {
  value: string;
  /** What is copied, for the button's name: "Copy callback URL". */
  copyLabel?: string | undefined;
  /** The accessible name if no Field provides one. */
  "aria-label"?: string | undefined;
  /** For a value that has just appeared in a dialog. */
  autoFocus?: boolean | undefined;
};

/** A value to copy elsewhere: read-only, selected as a whole on focus, with a copy button. */
export function CopyField({
  value,
  copyLabel = "Copy",
  "aria-label": ariaLabel,
  autoFocus,
}: CopyFieldProps) {
  const control = useFieldControl({});
  return (
    <div className="relative">
      <input
        {...control}
        readOnly
        {...(autoFocus ? { autoFocus } : {})}
        aria-label={ariaLabel}
        value={value}
        onFocus={(event) => event.target.select()}
        className={cn(
          controlStyles,
          "h-8 truncate pr-10 pl-2.5 font-mono text-xs tracking-tight pointer-coarse:h-10",
        )}
      />
      <CopyButton
        value={value}
        label={copyLabel}
        className="absolute top-1/2 right-0.5 -translate-y-1/2"
      />
    </div>
  );
}
