import type { SweepRunView } from "@/lib/contracts/connections/refresh";

/** The runs of one half hour, added up. */
export type RunBucket = {
  startsAt: number;
  runs: number;
  refreshed: number;
  deferred: number;
  failed: number;
};

export const bucketMs = 30 * 60_000;
export const bucketCount = 48;

/** The last 24 hours in half hours, the oldest first, the empty ones too. */
export function runBuckets(runs: readonly SweepRunView[], now: number): RunBucket[] {
  const last = Math.floor(now / bucketMs) * bucketMs;
  const first = last - (bucketCount - 1) * bucketMs;
  const buckets = Array.from({ length: bucketCount }, (_, index) => ({
    startsAt: first + index * bucketMs,
    runs: 0,
    refreshed: 0,
    deferred: 0,
    failed: 0,
  }));
  for (const run of runs) {
    const bucket = buckets[Math.floor((Date.parse(run.startedAt) - first) / bucketMs)];
    if (!bucket) continue;
    bucket.runs += 1;
    bucket.refreshed += run.refreshed;
    bucket.deferred += run.deferred;
    bucket.failed += run.failed;
  }
  return buckets;
}
