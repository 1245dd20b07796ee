import { formatNumber, locale, type Moment } from "./format";

/** Days and durations, in a separate file since not every page needs them. */

/** "Thursday, November 26, 2026" */
export function formatDate(moment: Moment): string {
  return new Date(moment).toLocaleDateString(locale, { dateStyle: "full" });
}

/** "Thursday" */
export function formatWeekday(moment: Moment): string {
  return new Date(moment).toLocaleDateString(locale, { weekday: "long" });
}

/** "November 26", with the year if it is not the current one. */
export function formatDay(moment: Moment, now: Moment): string {
  const date = new Date(moment);
  return date.toLocaleDateString(locale, {
    day: "numeric",
    month: "long",
    ...(date.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" }),
  });
}

/** "950 ms", "1.2 s", "42 s", "3 min". @param ms how long */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 59_500
    ? `${Math.round(ms / 1_000)} s`
    : `${formatNumber(Math.round(ms / 60_000))} min`;
}

/** "November 26, 2026", the same for every reader. @param day as `2026-11-26` */
export function formatLongDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(locale, {
    dateStyle: "long",
    timeZone: "UTC",
  });
}
