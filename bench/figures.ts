import type { MeasuredRound } from "./processes/loop";

/** The middle of some measurements, and the range that holds the middle half of them. */
export interface Spread {
  median: number;
  q1: number;
  q3: number;
}

/** Where a figure has to stand. */
export type Bar = { atMost: number } | { atLeast: number } | { exactly: number };

/** One line of the table: Usher measured against one peer or limit, in the same run. */
export interface Figure {
  what: string;
  /** A peer, or what the machine or arithmetic allows. */
  against: string;
  value: Spread;
  /** Of `value`; `×` for a ratio. */
  unit: "×" | "ms" | "MB" | "kB" | "";
  /** Null: a figure that stands beside the others and has no bar. */
  bar: Bar | null;
  /** The measurements behind it, in their own units. */
  detail: string;
}

export function isMet({ value, bar }: Pick<Figure, "value" | "bar">): boolean | null {
  if (bar === null) return null;
  if ("atMost" in bar) return value.median <= bar.atMost;
  if ("atLeast" in bar) return value.median >= bar.atLeast;
  return value.median === bar.exactly && value.q1 === value.q3;
}

interface Ratio {
  what: string;
  against: string;
  /** Usher's measurements and the peer's, round by round. */
  of: readonly [number[], number[]];
  /** Writes the measurements beside the ratio. */
  words: (values: readonly number[]) => string;
  bar?: Bar | null;
  /** Follows the measurements in the details. */
  more?: string;
}

export function ratioFigure({ what, against, of, words, bar = null, more = "" }: Ratio): Figure {
  const detail = of.map(words).join(" : ") + more;
  return { what, against, value: spread(ratios(...of)), unit: "×", bar, detail };
}

/** What was counted rather than measured. */
export function countFigure(
  what: string,
  against: string,
  value: number,
  rest: Pick<Figure, "detail"> & Partial<Pick<Figure, "unit" | "bar">>,
): Figure {
  return {
    ...{ what, against, value: { median: value, q1: value, q3: value } },
    ...{ unit: "", bar: null, ...rest },
  };
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), q1: quantile(values, 0.25), q3: quantile(values, 0.75) };
}

/** Interpolates between two neighbours. @param part in 0 … 1 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Round by round, since what a busy machine does to one it does to the other as well. */
export function ratios(of: readonly number[], to: readonly number[]): number[] {
  return of.map((value, round) => value / (to[round] ?? Number.NaN));
}

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
