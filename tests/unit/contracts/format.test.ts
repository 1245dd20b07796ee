import fc from "fast-check";
import { expect, it } from "vitest";
import {
  formatExactDateTime,
  formatNumber,
  formatRelative,
  formatTime,
} from "@/lib/contracts/format";
import { formatDay, formatDuration } from "@/lib/contracts/format-day";

const now = Date.parse("2026-11-26T21:06:55Z");

it("writes dates in one style, with a 24-hour clock", () => {
  expect(formatTime(now)).toMatch(/^\d\d:06$/);
  expect(formatExactDateTime(now)).not.toMatch(/AM|PM/);
  expect(formatDay("2025-03-04T12:00:00Z", now)).toBe("March 4, 2025");
  expect(formatDay("2026-03-04T12:00:00Z", now)).toBe("March 4");
});

it.each([
  [0, "0 ms"],
  [999.6, "1.0 s"],
  [1_234, "1.2 s"],
  [42_400, "42 s"],
  [180_000, "3 min"],
])("writes %d ms as %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

it("groups the digits of large numbers", () => {
  expect(formatNumber(12345)).toBe("12,345");
});

it.each([
  [-5 * 60_000, undefined, "5 minutes ago"],
  [56 * 60_000, undefined, "in 56 minutes"],
  [10_000, undefined, "just now"],
  [56 * 60_000, "past", "just now"],
  [-5 * 60_000, "future", "now"],
  [10_000, "future", "in less than a minute"],
  [-10_000, "past", "just now"],
] as const)("words a moment %d ms from now, known as %s, as %s", (distance, tense, words) => {
  expect(formatRelative(now + distance, now, tense)).toBe(words);
});

it("never describes a past event as future, nor the other way round", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (distance) => {
      expect(formatRelative(now + distance, now, "past")).not.toMatch(/^in |^now$|tomorrow|next/);
      expect(formatRelative(now + distance, now, "future")).not.toMatch(/ago|yesterday|last|just/);
    }),
  );
});
