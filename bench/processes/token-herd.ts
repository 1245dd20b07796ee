export interface TokenHerd {
  callers: number;
  /** Epoch, in ms: when all of them want a token. */
  at: number;
}

export interface TokenHerdOutcome {
  /** What callers got, each token once. */
  tokens: { token: string; callers: number }[];
  /** Callers who got none, and what each kind of failure said. */
  failed: number;
  failures: string[];
  /** Epoch, in ms, with fractions: when the last caller had an answer. */
  endedAt: number;
}

/** So many callers want a token in the same moment. */
export async function tokensAtOnce(
  token: () => Promise<string>,
  { callers, at }: TokenHerd,
): Promise<TokenHerdOutcome> {
  const got = new Map<string, number>();
  const failures = new Set<string>();
  let failed = 0;
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
  await Promise.all(
    Array.from({ length: callers }, async () => {
      try {
        const one = await token();
        got.set(one, (got.get(one) ?? 0) + 1);
      } catch (error) {
        failed += 1;
        failures.add(String(error).slice(0, 200));
      }
    }),
  );
  return {
    tokens: [...got].map(([token, callers]) => ({ token, callers })),
    failed,
    failures: [...failures],
    endedAt: performance.timeOrigin + performance.now(),
  };
}
