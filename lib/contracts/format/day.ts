import { locale, type Moment } from "./moment";

/** "Thursday, November 26, 2026" */
export function formatDate(moment: Moment): string {
  return new Date(moment).toLocaleDateString(locale, { dateStyle: "full" });
}

/** "Thursday" */
export function formatWeekday(moment: Moment): string {
  return new Date(moment).toLocaleDateString(locale, { weekday: "long" });
}

/** "November 26", with the year where it is not this one. */
export function formatDay(moment: Moment, now: Moment): string {
  const date = new Date(moment);
  return date.toLocaleDateString(locale, {
    day: "numeric",
    month: "long",
    ...(date.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" }),
  });
}
