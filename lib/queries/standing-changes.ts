import type { ConnectionStanding } from "@/lib/contracts/connections/connection";

/** Polled less often only if nothing can change: a sweep or a call renews at times that no page knows. */
const mostMs = 60_000;
const leastMs = 5_000;

/**
 * In ms, after which a page refetches, so that no status remains that time has ended. False: time
 * changes none of them.
 */
export function untilStandingChanges(
  shown: readonly { standing: ConnectionStanding | null }[],
): number | false {
  const left = shown.flatMap(({ standing }) => standing?.changesInMs ?? []);
  if (left.length === 0) return false;
  return Math.min(Math.max(Math.min(...left) + 500, leastMs), mostMs);
}
