import { filler } from "./lean-mcp-server-answer";

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

/**
 * Calls the tool so often and checks every answer.
 *
 * @param call is told which of the concurrent callers calls, from 0 on
 * @throws Error at a wrong answer
 */
export async function runCalls(
  call: (text: string, caller: number) => Promise<string>,
  { calls, concurrency }: CallRound,
): Promise<MeasuredRound> {
  const latencies = new Array<number>(calls).fill(0);
  let next = 0;
  const worker = async (_: unknown, caller: number) => {
    while (next < calls) {
      const index = next++;
      const text = `call ${index}`;
      const startedAt = performance.now();
      const answer = await call(text, caller);
      latencies[index] = performance.now() - startedAt;
      if (answer !== `${text}\n${filler}`)
        throw new Error(`A wrong answer: ${answer.slice(0, 100)}`);
    }
  };
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { latencies, elapsedMs, cpuMs: (user + system) / 1000 };
}
