import type { MeasuredRound } from "./processes/call-loop";
import { quantile, spread } from "./statistics";

export function p50s(rounds: readonly MeasuredRound[]): number[] {
  return rounds.map(({ latencies }) => quantile(latencies, 0.5));
}

export function callsPerSecond(rounds: readonly MeasuredRound[]): number[] {
  return rounds.map(({ latencies, elapsedMs }) => (latencies.length / elapsedMs) * 1000);
}

/** Of the calling process, in ms. */
export function cpuPerCall(rounds: readonly MeasuredRound[]): number[] {
  return rounds.map(({ latencies, cpuMs }) => cpuMs / latencies.length);
}

/** The median, for the words beside a ratio. */
export function inMs(values: readonly number[]): string {
  const { median } = spread(values);
  return `${median.toFixed(median < 10 ? 3 : 0)} ms`;
}

export function perSecond(values: readonly number[]): string {
  return `${Math.round(spread(values).median).toLocaleString("en")}/s`;
}
