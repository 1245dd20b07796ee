"use client";

import { useSyncExternalStore } from "react";
import { formatExactDateTime, formatRelative } from "@/lib/contracts/format";

const tick = 15_000;
let minuteNow = 0;

function subscribe(listener: () => void): () => void {
  minuteNow = Date.now();
  const timer = setInterval(() => {
    minuteNow = Date.now();
    listener();
  }, tick);
  return () => clearInterval(timer);
}

/** The same value until the next tick, as `useSyncExternalStore` requires of a snapshot. */
function sinceTick(): number {
  minuteNow ||= Date.now();
  return minuteNow;
}

function unknown(): null {
  return null;
}

/** Milliseconds, renewed every 15 seconds; null on the server and at the first paint. */
export function useNow(): number | null {
  return useSyncExternalStore(subscribe, sinceTick, unknown);
}

export type RelativeTimeProps = {
  /** A Date, an ISO 8601 string or milliseconds. */
  value: Date | string | number;
  /** Known to be in the past or the future, so that a wrong clock cannot say otherwise. */
  tense?: "past" | "future" | undefined;
};

/**
 * "in 3 hours", kept up to date; the exact local time is its title. At first it is based on the server's
 * clock; the browser then computes its own, as its clock may differ.
 */
export function RelativeTime({ value, tense }: RelativeTimeProps) {
  const date = new Date(value);
  const now = useNow();
  return (
    <time
      key={now === null ? "server" : "browser"}
      suppressHydrationWarning
      dateTime={date.toISOString()}
      title={now === null ? undefined : formatExactDateTime(date)}
    >
      {formatRelative(date.getTime(), now ?? Date.now(), tense)}
    </time>
  );
}
