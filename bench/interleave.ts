/** Measures one thing once. */
export type Round<Measured> = () => Promise<Measured>;

/**
 * Runs every variant once a round, in an order that rotates, so that none is always first after
 * another's garbage or always last in a hot machine. The first rounds warm up and are not kept.
 */
export async function interleave<Name extends string, Measured>(
  variants: Readonly<Record<Name, Round<Measured>>>,
  { warmUps, rounds }: { warmUps: number; rounds: number },
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
