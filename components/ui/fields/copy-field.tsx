"use client";

import type { FocusEvent } from "react";
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
  /** For a value that may have to be typed elsewhere: shown whole, in groups of four. Copied without spaces. */
  inGroups?: boolean | undefined;
};

/** A value to copy elsewhere: read-only, selected as a whole on focus, with a copy button. */
export function CopyField({
  value,
  copyLabel = "Copy",
  "aria-label": ariaLabel,
  autoFocus,
  inGroups,
}: CopyFieldProps) {
  const control = useFieldControl({});
  const field = {
    ...control,
    readOnly: true,
    ...(autoFocus ? { autoFocus } : {}),
    "aria-label": ariaLabel,
    onFocus: (event: FocusEvent<HTMLInputElement | HTMLTextAreaElement>) => event.target.select(),
  };
  const styles = cn(controlStyles, "pr-10 pl-2.5 font-mono text-xs tracking-tight");
  return (
    <div className="relative">
      {inGroups ? (
        <textarea
          {...field}
          rows={1}
          value={value.replace(/.{4}(?=.)/g, "$& ")}
          className={cn(styles, "block field-sizing-content resize-none py-1.5 leading-5")}
        />
      ) : (
        <input
          {...field}
          value={value}
          className={cn(styles, "h-8 truncate pointer-coarse:h-10")}
        />
      )}
      <CopyButton
        value={value}
        label={copyLabel}
        className="absolute top-1/2 right-0.5 -translate-y-1/2"
      />
    </div>
  );
}
