import { appendFileSync } from "node:fs";

/** One line of the table that `npm run trials` prints at the end. */
export interface Figure {
  bar: string;
  measured: string;
}

export function tell(bar: string, measured: string): void {
  const file = process.env.USHER_TRIALS_FIGURES;
  const figure: Figure = { bar, measured };
  if (file) appendFileSync(file, `${JSON.stringify(figure)}\n`);
}

/** Of values in any order; `part` in 0 … 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
