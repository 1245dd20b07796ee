/** Longer waits are capped, in ms: a typo must not disable a connection for a year. */
export const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
const NUMBER = /^\d{1,30}(?:\.\d+)?$/;
const SPANS =
  /^(?:\d{1,9}(?:\.\d+)?\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\s*)+$/i;
const SPAN = /([\d.]+)\s*([a-z]+)/gi;
/** In seconds, a number as large as this is a point in time, and not a wait. */
const POINT_IN_TIME = 1_000_000_000;

/**
 * The wait that `Retry-After` requests, in ms; null if it contains nothing usable. It has two forms, and servers
 * write more. A point in time is measured from the response's own `Date` if there is one: then the server's
 * clock may be wrong without harm.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(headers: Headers, now: Date): number | null {
  const wait = waitIn(headers.get("retry-after"), presentOf(headers, now));
  return bounded(wait ?? numberIn(headers.get("retry-after-ms")));
}

const RESETS = /\brate-?limit\b.*-reset\b/;

/**
 * The same where a limit was exceeded: some servers say only when it is over, some of each limit they have. They do so in
 * each response, so it is a wait only after a 429. Of several, the last of those that are used up counts, otherwise the
 * first of those of which nothing more is said.
 */
export function parseLimitReset(headers: Headers, now: Date): number | null {
  const asked = parseRetryAfter(headers, now);
  if (asked !== null) return asked;
  const from = presentOf(headers, now);
  const limits = [...headers].flatMap(([name, value]) => {
    const left = headers.get(name.replace("-reset", "-remaining"));
    const wait = RESETS.test(name) ? waitIn(value, from) : null;
    return wait === null || Number(left) > 0 ? [] : [{ wait, isUsedUp: left !== null }];
  });
  const usedUp = limits.filter(({ isUsedUp }) => isUsedUp).map(({ wait }) => wait);
  if (usedUp.length > 0) return bounded(Math.max(...usedUp));
  if (limits.length > 0) return bounded(Math.min(...limits.map(({ wait }) => wait)));
  // All limits in one header, as drafts of the IETF have it.
  const inOne = /\b(?:t|reset)=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1] ?? null;
  return bounded(waitIn(inOne, from));
}

function presentOf(headers: Headers, now: Date): number {
  return parseHttpDate(headers.get("date")?.trim() ?? "") ?? now.getTime();
}

function bounded(wait: number | null): number | null {
  return wait === null ? null : Math.min(Math.max(0, Math.ceil(wait)), LONGEST_WAIT_MS);
}

/** @param from the present, in ms */
function waitIn(given: string | null, from: number): number | null {
  // A proxy may repeat it.
  const value = (given?.trim() ?? "").replace(/^(\d\S*)(?:, \1)+$/, "$1");
  const seconds = numberIn(value);
  if (seconds !== null) {
    if (seconds < POINT_IN_TIME || seconds > POINT_IN_TIME * 1e6) return seconds * 1000;
    return (seconds < POINT_IN_TIME * 100 ? seconds * 1000 : seconds) - from;
  }
  const span = spanOf(value);
  if (span !== null) return span;
  const until = ISO_DATE.test(value) ? Date.parse(value) : parseHttpDate(value);
  return until === null || Number.isNaN(until) ? null : until - from;
}

function numberIn(value: string | null): number | null {
  return value !== null && NUMBER.test(value.trim()) ? Number(value) : null;
}

/** A text that is nothing but a span, such as `30s`, `1m30s` or `2 days`, in ms. Null: it is something else. */
export function spanOf(text: string): number | null {
  return SPANS.test(text) ? spansIn(text) : null;
}

/** The sum of the spans that a text names, such as `1m30s`, in ms. */
function spansIn(text: string): number {
  return [...text.matchAll(SPAN)].reduce((sum, each) => sum + inMs(each), 0);
}

function inMs([, amount, unit = ""]: RegExpMatchArray): number {
  const of =
    { m: 60_000, h: 3_600_000, s: 1_000, d: 86_400_000 }[unit.charAt(0).toLowerCase()] ?? 1_000;
  return Number(amount) * (/^(ms|mil)/i.test(unit) ? 1 : of);
}

const time =
  "\\d{1,9}(?:\\.\\d{1,9})?\\s{0,3}(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])";
const IN_SENTENCE = new RegExp(
  `\\b(?:again|retry|retrying|resets?) (?:in|after) ["']?((?:${time}\\s{0,3})+)|\\bwait (?:for )?((?:${time}\\s{0,3})+)`,
  "i",
);
/** Quotation marks have a backslash where a gateway quotes what is behind it. */
const IN_FIELD = new RegExp(
  `"(?:retry[_-]?(?:after|delay)|resets?[_-]?in)(?:[_-]?(?:(ms|millis[a-z]*)|seconds|secs?|s))?\\\\?"\\s*:\\s*(?:\\{\\s*\\\\?"seconds\\\\?"\\s*:\\s*)?\\\\?"?(?:((?:${time}\\s{0,3})+)|(\\d{1,9}(?:\\.\\d{1,9})?)(?!\\d))`,
  "i",
);

/**
 * The wait that a refusal's body tells, in a field such as `retry_after` or in a sentence such as "Try again in 1 minute",
 * in ms; null: it tells none.
 */
export function waitToldIn(body: string): number | null {
  const [, isMs, inWords, amount] = IN_FIELD.exec(body) ?? [];
  const [, again, wait] = IN_SENTENCE.exec(body) ?? [];
  const told =
    inWords ?? (amount === undefined ? (again ?? wait) : `${amount}${isMs ? "ms" : "s"}`);
  return bounded(told === undefined ? null : spansIn(told)) || null;
}

const month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
const day = `(?:\\d{4}-\\d\\d-\\d\\d|${month}\\.? \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?|\\d{1,2} ${month}(?: \\d{4})?)`;
const clock = "(?:\\d{1,2}:\\d\\d(?::\\d\\d)?(?: ?[ap]m(?![a-z]))?|\\d{1,2} ?[ap]m(?![a-z]))";
const zone = "(?: ?(?:UTC|GMT|Z|[+-]\\d\\d:?\\d\\d)(?![a-z])| \\([A-Za-z_/]{2,40}\\))";
const POINT_IN_WORDS = new RegExp(
  `(?<![a-z])(?:again|access|resets?|until|available|renew(?:s|ed)?)[^.\\d]{0,24}?\\b(${day}(?:(?:,? at |T|,? )${clock}(?:\\.\\d{1,9})?)?${zone}?|${clock}${zone}?)`,
  "i",
);

/**
 * The point in time at which a refusal's body says that a limit is over, in its own words, such as "2026-09-01 at 00:00
 * UTC"; null: it names none.
 */
export function resetToldIn(body: string): string | null {
  return POINT_IN_WORDS.exec(body)?.[1] ?? null;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
function parseHttpDate(value: string): number | null {
  if (!HTTP_DATE.test(value)) return null;
  // The oldest format names no zone and means GMT.
  const time = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(time) ? null : time;
}
