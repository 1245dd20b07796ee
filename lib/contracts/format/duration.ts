import { formatNumber } from "./moment";

/** "950 ms", "1.2 s", "42 s", "3 min". @param ms how long */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 59_500
    ? `${Math.round(ms / 1_000)} s`
    : `${formatNumber(Math.round(ms / 60_000))} min`;
}
