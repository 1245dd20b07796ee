"use client";

import { RelativeTime, useNow } from "@/components/ui/relative-time";

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A date and time as the reader's clock has it, which the server does not know. */
export function Moment({
  value,
  relative = false,
}: {
  /** ISO 8601. */
  value: string;
  /** "3 hours ago" before it. */
  relative?: boolean | undefined;
}) {
  const known = useNow() !== null;
  const exact = known ? local.format(new Date(value)) : "";
  if (!relative) return <time dateTime={value}>{exact}</time>;
  return (
    <span>
      <RelativeTime value={value} />
      {known ? <span className="text-muted"> · {exact}</span> : null}
    </span>
  );
}
