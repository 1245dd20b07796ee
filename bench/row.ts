import type { Spread } from "./statistics";

/** How a figure has to stand to its bar. */
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

export interface RowResult {
  name: RowName;
  title: string;
  figures: Figure[];
  /** What each party did, side by side, its head first: where a ratio would not say it. */
  comparison?: string[][];
  /** How it was measured, a sentence or more. */
  method: string;
}

export type RowName = `B${number}`;

export interface RowOptions {
  /** Small sizes: shows that a row works, not how fast anything is. */
  quick: boolean;
  say: (line: string) => void;
}

export interface Row {
  name: RowName;
  title: string;
  run(options: RowOptions): Promise<Omit<RowResult, "name" | "title">>;
}

export function isMet({ value, bar }: Pick<Figure, "value" | "bar">): boolean | null {
  if (bar === null) return null;
  if ("atMost" in bar) return value.median <= bar.atMost;
  if ("atLeast" in bar) return value.median >= bar.atLeast;
  return value.median === bar.exactly && value.q1 === value.q3;
}

/** What was counted rather than measured. */
export function count(value: number): Spread {
  return { median: value, q1: value, q3: value };
}

/** No speed is told of something that did not do its work. @throws Error */
export function assertCorrect(correct: boolean, what: string): asserts correct {
  if (!correct) throw new Error(`Not correct, so there is no speed to tell: ${what}`);
}
