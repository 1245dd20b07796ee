import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLimitReset, parseRetryAfter, resetToldIn, waitToldIn } from "@/lib/retry-after";
import { processorMs } from "@/tests/support/processor-time";

const now = new Date("2026-03-01T12:00:00Z");
const day = 24 * 60 * 60 * 1000;
const parse = (value: string, date?: string) =>
  parseRetryAfter(
    new Headers(date ? { "retry-after": value, date } : { "retry-after": value }),
    now,
  );

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7000],
    ["99999999999999999999", day],
    ["Sun, 01 Mar 2026 12:01:30 GMT", 90_000],
    ["Sunday, 01-Mar-26 12:01:30 GMT", 90_000],
    ["Sun Mar  1 12:01:30 2026", 90_000],
    ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
    ["Mon, 01 Mar 2027 12:00:00 GMT", day],
    ["", null],
    ["-5", null],
    ["1.5", 1500],
    ["30s", 30_000],
    ["30 seconds", 30_000],
    ["1e3", null],
    ["soon", null],
    ["2026-03-01T12:01:30Z", 90_000],
    ["1m30s", 90_000],
    ["2 minutes", 120_000],
    ["1500ms", 1500],
    // A point in time, in seconds and in milliseconds.
    ["1772366490", 90_000],
    ["1772366490000", 90_000],
    ["1772362890", 0],
    ["2026-03-01", null],
    ["1 fortnight", null],
    ["Sun, 99 Mar 2026 12:01:30 GMT", null],
  ])("of %j is a wait of %s ms", (value, expected) => {
    expect(parse(value)).toBe(expected);
  });

  // modelcontextprotocol/typescript-sdk#1892, UseMuffin/Throttle#36
  test.each([
    ["retry-after-ms", "1500", 1500, 1500],
    ["ratelimit-reset", "90", 90_000, null],
    ["x-ratelimit-reset", "1772366490", 90_000, null],
  ])("may be missing where %s says it, after a 429", (name, value, expected, otherwise) => {
    expect(parseLimitReset(new Headers({ [name]: value }), now)).toBe(expected);
    expect(parseRetryAfter(new Headers({ [name]: value }), now)).toBe(otherwise);
    const both = new Headers({ [name]: value, "retry-after": "7" });
    expect(parseLimitReset(both, now)).toBe(7000);
  });

  test.each([
    [
      "the last limit that is used up",
      { minute: ["0", "30"], hour: ["0", "600"], day: ["5", "9"] },
      600_000,
    ],
    [
      "the first of those of which no more is said",
      { minute: [null, "30"], hour: [null, "600"] },
      30_000,
    ],
    ["none that is left", { minute: ["3", "30"] }, null],
  ])("may be missing where a server has several limits: %s counts", (_, limits, expected) => {
    const headers = new Headers();
    for (const [name, [left, reset]] of Object.entries(limits)) {
      if (typeof left === "string") headers.set(`x-ratelimit-${name}-remaining`, left);
      headers.set(`x-ratelimit-${name}-reset`, String(reset));
    }
    expect(parseLimitReset(headers, now)).toBe(expected);
  });

  test("is null if missing", () => {
    expect(parseRetryAfter(new Headers(), now)).toBeNull();
  });

  test("measures a date by the server's own clock, which may be wrong", () => {
    const at = "Sun, 01 Mar 2026 15:00:30 GMT";
    expect(parse(at, "Sun, 01 Mar 2026 15:00:00 GMT")).toBe(30_000);
    expect(parse(at, "nonsense")).toBe(3 * 60 * 60 * 1000 + 30_000);
  });

  test("is a number of ms up to a day or null, whatever a server sends", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (value) => {
        const wait = parse(value.replace(/[^\x20-\x7e]/g, ""));
        expect(wait === null || (wait >= 0 && wait <= day)).toBe(true);
      }),
    );
  });
});

describe("a body that says how long to wait", () => {
  test.each([
    ['{"retry_after": 12.5}', 12_500],
    ['{"retry_after_seconds":"40"}', 40_000],
    ['{"retryAfterMs":1500}', 1500],
    ['{"retry-after-millis": 1500}', 1500],
    ['{"retry_after":"2 minutes"}', 120_000],
    ['{"details":[{"retryDelay":"53s"}]}', 53_000],
    ['{"retryDelay":{"seconds":53}}', 53_000],
    ['{"resets_in_seconds": 7200}', 7_200_000],
    // As a gateway quotes another one.
    [String.raw`{"error":"{\"retry_after\":20}"}`, 20_000],
    ["Please try again in 4.77s.", 4770],
    ["Please try again in 6m2.3s.", 362_300],
    ["Retry after 20 seconds.", 20_000],
    ["Rate limit resets in 3 hours.", 3 * 60 * 60 * 1000],
    ["Please wait 30 seconds before retrying.", 30_000],
    ["Wait for 5 min and retry.", 300_000],
    ["Try again in 40 hours", day],
    ["Try again in 5 messages.", null],
    ["Try again in a moment.", null],
    ['{"retry_after":0}', null],
    ['{"retry_after":1772366490}', null],
    ["I waited 30 seconds.", null],
    ["", null],
  ])("%s", (body, expected) => {
    expect(waitToldIn(body)).toBe(expected);
  });

  test("costs no more than its length", () => {
    const ms = processorMs(() => {
      expect(waitToldIn(`wait ${"1 s ".repeat(5_000)}!`)).not.toBeNull();
      waitToldIn(`try again in ${"1".repeat(20_000)}`);
      waitToldIn(`wait ${" ".repeat(20_000)}`);
    });
    expect(ms).toBeLessThan(1_000);
  });
});

describe("the point in time at which a limit is over", () => {
  test.each([
    ["You will regain access on 2026-09-01 at 00:00 UTC.", "2026-09-01 at 00:00 UTC"],
    ['{"resets_at":"2026-12-01T08:30:00Z"}', "2026-12-01T08:30:00Z"],
    ["Your limit will reset at 2026-01-05 03:22:11", "2026-01-05 03:22:11"],
    ["Try again at Oct 27th, 2026 11:29 AM.", "Oct 27th, 2026 11:29 AM"],
    ["resets 3am (Europe/Berlin)", "3am (Europe/Berlin)"],
    ["Not available until 1 December 2026", "1 December 2026"],
    ["It resets at 14:05 +02:00", "14:05 +02:00"],
    ["Try again in 20 days.", null],
    ["Try again in 5 minutes.", null],
    ["The model of 2026-09-01 is overloaded.", null],
    ["Reset 3 amplifiers.", null],
    ["", null],
  ])("%s", (body, expected) => {
    expect(resetToldIn(body)).toBe(expected);
  });

  test("costs no more than its length", () => {
    const ms = processorMs(() => {
      for (const part of ["resets ", "until 1", "again Dec 1, ", "access 2026-01-01 "]) {
        resetToldIn(part.repeat(20_000 / part.length));
      }
    });
    expect(ms).toBeLessThan(1_000);
  });
});
