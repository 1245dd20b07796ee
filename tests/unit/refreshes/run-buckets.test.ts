import { describe, expect, it } from "vitest";
import { bucketMs, runBuckets } from "@/components/refreshes/run-chart";
import type { SweepRunView } from "@/lib/contracts/connections/refresh";

const now = Date.parse("2026-06-01T12:10:00Z");

function run(minutesAgo: number, counts: Partial<SweepRunView> = {}): SweepRunView {
  return {
    id: `${minutesAgo}`,
    trigger: "timer",
    startedAt: new Date(now - minutesAgo * 60_000).toISOString(),
    durationMs: 10,
    refreshed: 0,
    failed: 0,
    deferred: 0,
    remaining: 0,
    error: null,
    ...counts,
  };
}

describe("runBuckets", () => {
  it("adds up the runs of each half hour, and keeps empty half hours", () => {
    const buckets = runBuckets(
      [run(1, { refreshed: 2 }), run(6, { refreshed: 1, failed: 1 }), run(20, { deferred: 4 })],
      now,
    );
    expect(buckets).toHaveLength(48);
    expect(buckets.at(-1)).toMatchObject({ runs: 2, refreshed: 3, failed: 1, deferred: 0 });
    expect(buckets.at(-2)).toMatchObject({ runs: 1, deferred: 4 });
    expect(buckets[0]).toMatchObject({ runs: 0, startsAt: now - 10 * 60_000 - 47 * bucketMs });
  });

  it("omits anything older than a day or from a clock that is ahead", () => {
    const buckets = runBuckets([run(25 * 60, { refreshed: 1 }), run(-60, { refreshed: 1 })], now);
    expect(buckets.every(({ runs }) => runs === 0)).toBe(true);
  });
});
