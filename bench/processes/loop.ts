/** What every answer of the lean MCP server's tool ends with: about the size of a small file. */
export const filler = "usher ".repeat(170);

export interface CallRound {
  calls: number;
  /** How many are under way at once; 1: one after another. */
  concurrency: number;
}

export interface MeasuredRound {
  /** Of each call, in ms. */
  latencies: number[];
  elapsedMs: number;
  /** Of this process, user and system, in ms. */
  cpuMs: number;
}

/** Does one thing so often. @param one is told its number, and which concurrent caller it is */
export async function runRound(
  one: (index: number, caller: number) => Promise<void>,
  { calls, concurrency }: CallRound,
): Promise<MeasuredRound> {
  const latencies = new Array<number>(calls).fill(0);
  let next = 0;
  const worker = async (_: unknown, caller: number) => {
    while (next < calls) {
      const index = next++;
      const startedAt = performance.now();
      await one(index, caller);
      latencies[index] = performance.now() - startedAt;
    }
  };
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { latencies, elapsedMs, cpuMs: (user + system) / 1000 };
}

type Echo = (text: string, caller: number) => Promise<string>;

/** Calls the `echo` tool so often. @throws Error at a wrong answer */
export function runCalls(call: Echo, round: CallRound): Promise<MeasuredRound> {
  return runRound(async (index, caller) => {
    await callAndCompare(call, `call ${index}`, caller);
  }, round);
}

async function callAndCompare(call: Echo, text: string, caller: number): Promise<void> {
  const answer = await call(text, caller);
  if (answer !== `${text}\n${filler}`) throw new Error(`A wrong answer: ${answer.slice(0, 100)}`);
}

/** What came of many callers who came in the same moment. */
export interface HerdOutcome {
  /** What callers got, each value once. */
  got: { value: string; callers: number }[];
  served: number;
  /** What each kind of failure said. */
  failures: string[];
  elapsedMs: number;
  /** Epoch, in ms, with fractions: when the last caller had an answer. */
  endedAt: number;
}

/** So many callers ask for the same thing at once. @param at epoch, in ms; without it, now */
export async function runHerd(
  one: (caller: number) => Promise<string>,
  { callers, at = Date.now() }: { callers: number; at?: number },
): Promise<HerdOutcome> {
  const got = new Map<string, number>();
  const failures = new Set<string>();
  let served = 0;
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      try {
        const value = await one(caller);
        got.set(value, (got.get(value) ?? 0) + 1);
        served += 1;
      } catch (error) {
        failures.add(String(error).slice(0, 200));
      }
    }),
  );
  const endedAt = performance.now();
  return {
    got: [...got].map(([value, callers]) => ({ value, callers })),
    served,
    failures: [...failures],
    elapsedMs: endedAt - startedAt,
    endedAt: performance.timeOrigin + endedAt,
  };
}

/** A herd that calls the `echo` tool and compares every answer. */
export function callAtOnce(
  call: (text: string) => Promise<string>,
  callers: number,
): Promise<HerdOutcome> {
  const one = (caller: number) => callAndCompare(call, `caller ${caller}`, caller);
  return runHerd(async (caller) => one(caller).then(() => "answered"), { callers });
}
