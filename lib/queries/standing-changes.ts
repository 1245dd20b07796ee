import type { ConnectionStanding } from "@/lib/contracts/connections/connection";

/** Looked at less often only where nothing can change: a sweep or a call renews, at times that no page knows. */
const mostMs = 60_000;
const leastMs = 5_000;

/**
 * In ms, after which a page asks again, so that no status stands that time alone has ended. False: time
 * changes none of them.
 */
export function untilStandingChanges(
  shown: readonly { standing: ConnectionStanding | null }[],
): number | false {
  const left = shown.flatMap(({ standing }) => standing?.changesInMs ?? []);
  if (left.length === 0) return false;
  return Math.min(Math.max(Math.min(...left) + 500, leastMs), mostMs);
}
