"use client";

import { RelativeTime, useNow } from "@/components/ui/text/relative-time";
import { formatDateTime } from "@/lib/contracts/format";

/** A date and time as the reader's clock has it, which the server does not know. */
export function Moment({
  value,
  relative = false,
  tense,
}: {
  /** ISO 8601. */
  value: string;
  /** "3 hours ago" before it. */
  relative?: boolean | undefined;
  tense?: "past" | "future" | undefined;
}) {
  const known = useNow() !== null;
  const exact = known ? formatDateTime(value) : "";
  if (!relative) return <time dateTime={value}>{exact}</time>;
  return (
    <span>
      <RelativeTime value={value} tense={tense} />
      {known ? <span className="text-muted"> · {exact}</span> : null}
    </span>
  );
}
