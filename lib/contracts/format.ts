/**
 * How dates, times and numbers are written: in English, like the rest of the product, in the reader's time
 * zone, on a 24-hour clock. No other folder formats them. Browsers and Node put different
 * spaces before "PM", which would break the hydration of a page rendered by both.
 */
export const locale = "en";

export type Moment = Date | string | number;

type Options = Intl.DateTimeFormatOptions;

const minutes = { dateStyle: "medium", timeStyle: "short" } as const;
/** Creating one costs a hundred uses. */
const formats = new Map<Options, Intl.DateTimeFormat>();

function format(moment: Moment, options: Options): string {
  let made = formats.get(options);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { hourCycle: "h23", ...options });
    formats.set(options, made);
  }
  return made.format(new Date(moment));
}

const exact = { dateStyle: "full", timeStyle: "long" } as const;
const clock = { hour: "2-digit", minute: "2-digit" } as const;

/** "Nov 26, 2026, 21:06" */
export function formatDateTime(moment: Moment): string {
  return format(moment, minutes);
}

/** "Thursday, November 26, 2026 at 21:06:55 GMT+1" */
export function formatExactDateTime(moment: Moment): string {
  return format(moment, exact);
}

/** "21:06" */
export function formatTime(moment: Moment): string {
  return format(moment, clock);
}

/** "12,345" */
export function formatNumber(number: number): string {
  return number.toLocaleString(locale);
}

/** "A", "A or B", "A, B, or C". */
export function formatChoice(options: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: "disjunction" }).format(options);
}

const units = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** Anything closer than this may have passed since the clock was read, up to 15 s ago. */
const justNowMs = 15_000;

/**
 * "in 3 hours", "5 minutes ago", "just now".
 *
 * @param tense what is known about the moment, whatever the reader's clock says: a wrong clock must
 * not produce "Ended in 5 minutes"
 */
export function formatRelative(time: number, now: number, tense?: "past" | "future"): string {
  const distance = time - now;
  const distances = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (tense === "past" && distance > 0) return "just now";
  if (tense === "future" && distance <= 0) return "now";
  for (const [unit, length] of units) {
    if (Math.abs(distance) >= length) return distances.format(Math.round(distance / length), unit);
  }
  if (tense === "future") return "in less than a minute";
  return distance > justNowMs ? "in less than a minute" : "just now";
}
