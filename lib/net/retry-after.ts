/** Longer waits are cut: nobody means them, and a typo must not switch a connection off for a year. */
const LONGEST_MS = 24 * 60 * 60 * 1000;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * The wait that `Retry-After` asks for, in ms, in either of its forms; null where it says nothing
 * usable. A date counts from the answer's own `Date` where there is one: then the server's clock
 * may be wrong without harm.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(headers: Headers, now: Date): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, LONGEST_MS);
  const until = parseHttpDate(value);
  if (until === null) return null;
  const from = parseHttpDate(headers.get("date")?.trim() ?? "") ?? now.getTime();
  return Math.min(Math.max(0, until - from), LONGEST_MS);
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
function parseHttpDate(value: string): number | null {
  if (!HTTP_DATE.test(value)) return null;
  // The oldest form names no zone and means GMT like the others.
  const time = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(time) ? null : time;
}
