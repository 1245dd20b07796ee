/** Three missed runs of the five-minute sweep. */
const lateAfterMs = 15 * 60_000;

/** @param now in milliseconds */
export function sweepState(
  lastSweep: { startedAt: string } | null,
  now: number,
): "never" | "on_time" | "late" {
  if (!lastSweep) return "never";
  return now - new Date(lastSweep.startedAt).getTime() > lateAfterMs ? "late" : "on_time";
}
