"use client";

import { useSyncExternalStore } from "react";

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

/** The same value until the next tick, as `useSyncExternalStore` asks of a snapshot. */
function sinceTick(): number {
  minuteNow ||= Date.now();
  return minuteNow;
}

function unknown(): null {
  return null;
}

const units = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

function relative(time: number, now: number): string {
  const distance = time - now;
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, length] of units) {
    if (Math.abs(distance) >= length) return words.format(Math.round(distance / length), unit);
  }
  // What happened since the last tick lies ahead of it.
  return distance > tick ? "in less than a minute" : "just now";
}

const inUtc = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});

/** Milliseconds, renewed every 15 seconds; null on the server and at the first paint. */
export function useNow(): number | null {
  return useSyncExternalStore(subscribe, sinceTick, unknown);
}

export type RelativeTimeProps = {
  /** A Date, an ISO 8601 string or milliseconds. */
  value: Date | string | number;
  className?: string | undefined;
};

/**
 * "in 3 hours", kept up to date; the exact local time is its title. The server and the first paint
 * show the time in UTC, since neither "now" nor the reader's time zone is known there.
 */
export function RelativeTime({ value, className }: RelativeTimeProps) {
  const date = new Date(value);
  const now = useNow();
  return (
    <time
      dateTime={date.toISOString()}
      title={
        now === null
          ? undefined
          : date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })
      }
      className={className}
    >
      {now === null ? `${inUtc.format(date)} UTC` : relative(date.getTime(), now)}
    </time>
  );
}
