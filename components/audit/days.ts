/** The first moment of a day of this browser's time zone, as ISO 8601. @param day YYYY-MM-DD */
export function startOfDay(day: string): string | undefined {
  return momentOf(day, 0);
}

/** The first moment after it, so that the whole day is in. */
export function endOfDay(day: string): string | undefined {
  return momentOf(day, 1);
}

/** The day that a moment is in, shifted by so many days; "" for none. */
export function dayOf(moment: string | undefined, shift = 0): string {
  if (!moment) return "";
  const date = new Date(moment);
  date.setDate(date.getDate() + shift);
  const part = (value: number) => String(value).padStart(2, "0");
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${year}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
}

function momentOf(day: string, shift: number): string | undefined {
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + shift);
  return date.toISOString();
}
