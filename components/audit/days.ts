/** The first moment of a day of this browser's time zone, as ISO 8601. @param day YYYY-MM-DD */
export function startOfDay(day: string): string | undefined {
  return momentOf(day, 0);
}

/** The first moment after it, so that the whole day is in. */
export function endOfDay(day: string): string | undefined {
  return momentOf(day, 1);
}

/** Undefined for what is no day yet, or none that anything happened on: a year while it is typed. */
function momentOf(day: string, shift: number): string | undefined {
  if (!/^[12]\d{3}-\d\d-\d\d$/.test(day)) return undefined;
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + shift);
  return date.toISOString();
}
