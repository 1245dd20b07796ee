import type { Figure } from "./figures";

export type RowName = `B${number}`;

export interface RowResult {
  name: RowName;
  title: string;
  figures: Figure[];
  /** What each party did, side by side, head first: where a ratio would not say it. */
  comparison?: string[][];
  /** How it was measured, a sentence or more. */
  method: string;
}

export interface Row {
  name: RowName;
  title: string;
  run(options: RowOptions): Promise<Omit<RowResult, "name" | "title">>;
}

export interface RowOptions {
  /** Small sizes: shows that a row works, not how fast anything is. */
  quick: boolean;
  say: (line: string) => void;
}

export interface Rounds {
  warmUps: number;
  rounds: number;
}

/**
 * Runs every variant once a round, in an order that rotates, so that none is always first after
 * another's garbage or always last in a hot machine. The results of the warm-ups are dropped.
 */
export async function interleave<Name extends string, Measured>(
  variants: Readonly<Record<Name, () => Promise<Measured>>>,
  { warmUps, rounds }: Rounds,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(variants) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<
    Name,
    Measured[]
  >;
  for (let round = 0; round < warmUps + rounds; round++) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const value = await variants[name]();
      if (round >= warmUps) measured[name].push(value);
    }
  }
  return measured;
}

/** A row whose work was wrong reports no speed. @throws Error */
export function assertCorrect(correct: boolean, what: string): asserts correct {
  if (!correct) throw new Error(`Not correct, so there is no speed to report: ${what}`);
}
