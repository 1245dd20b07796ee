import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  needsRefresh,
  nextRefreshAt,
  retryDelayMs,
  type TokenFacts,
  usable,
} from "@/lib/tokens/token-set";

const now = new Date("2026-06-01T12:00:00Z");
const minute = 60_000;
const at = (minutes: number) => new Date(now.getTime() + minutes * minute);

function facts(change: Partial<TokenFacts> = {}): TokenFacts {
  return {
    expiresAt: at(60),
    obtainedAt: at(0),
    refreshable: true,
    rejectedAt: null,
    retryAt: null,
    triedAt: null,
    ...change,
  };
}

describe("usable", () => {
  it.each([
    ["a fresh token", {}, { use: "now", reason: "valid" }],
    ["a token without expiry", { expiresAt: null }, { use: "now", reason: "no_expiry" }],
    [
      "one that ends in half a minute",
      { expiresAt: at(0.5), obtainedAt: at(-60) },
      { use: "after_refresh", reason: "about_to_expire" },
    ],
    [
      "one that has ended",
      { expiresAt: at(-1), obtainedAt: at(-60) },
      { use: "after_refresh", reason: "expired" },
    ],
    [
      "one that has ended and cannot be refreshed",
      { expiresAt: at(-1), obtainedAt: at(-60), refreshable: false },
      { use: "never", reason: "expired" },
    ],
    [
      "one that ends soon and cannot be refreshed",
      { expiresAt: at(0.5), obtainedAt: at(-60), refreshable: false },
      { use: "now", reason: "valid" },
    ],
    [
      "a valid one whose provider is ill",
      { expiresAt: at(0.5), obtainedAt: at(-60), retryAt: at(5) },
      { use: "now", reason: "waiting_to_retry" },
    ],
    [
      "an ended one whose provider is ill",
      { expiresAt: at(-1), obtainedAt: at(-60), retryAt: at(5) },
      { use: "later", reason: "waiting_to_retry", retryAt: at(5) },
    ],
    ["one that was just refused", { rejectedAt: at(-1) }, { use: "never", reason: "rejected" }],
    ["one that was refused a while ago", { rejectedAt: at(-11) }, { use: "now", reason: "valid" }],
  ] as const)("decides on %s", (_, change, decision) => {
    expect(usable(facts(change), now)).toEqual(decision);
  });
});

describe("needsRefresh", () => {
  it("does not affect a token that lives 30 seconds while it is young", () => {
    const short = { expiresAt: at(0.5), obtainedAt: at(0), refreshable: true };
    expect(needsRefresh(short, now)).toEqual({ should: false, reason: "valid" });
  });
});

describe("nextRefreshAt", () => {
  it("is 10 minutes before the end, but never in the first half of a lifetime", () => {
    const tokens = { obtainedAt: at(0), refreshToken: "r" };
    expect(nextRefreshAt({ ...tokens, expiresAt: at(60) })).toEqual(at(50));
    expect(nextRefreshAt({ ...tokens, expiresAt: at(8) })).toEqual(at(4));
    expect(nextRefreshAt({ ...tokens, expiresAt: null })).toBeNull();
    expect(nextRefreshAt({ ...tokens, expiresAt: at(60), refreshToken: null })).toBeNull();
  });
});

describe("retryDelayMs", () => {
  it("grows, is jittered, stays within bounds, and is never below Retry-After", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.option(fc.nat(10 * 60 * minute)),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, retryAfterMs, random) => {
          const delay = retryDelayMs(failures, retryAfterMs, random);
          expect(delay).toBeGreaterThanOrEqual(7_500);
          expect(delay).toBeLessThanOrEqual(60 * minute);
          expect(delay).toBeGreaterThanOrEqual(Math.min(retryAfterMs ?? 0, 60 * minute));
        },
      ),
    );
    expect(retryDelayMs(6, null, 0.5)).toBeGreaterThan(retryDelayMs(0, null, 0.5));
    expect(retryDelayMs(3, null, 0)).not.toBe(retryDelayMs(3, null, 0.9));
  });
});
