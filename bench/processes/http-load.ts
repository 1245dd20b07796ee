// Asks a web server for the same thing again and again, over kept connections.

import { Agent } from "undici";
import type { CallRound, MeasuredRound } from "./call-loop";
import { serve } from "./commands";

export interface Gets extends CallRound {
  url: string;
  headers: Record<string, string>;
  /** What every answer has to be, to the letter. */
  answer: string;
}

const agent = new Agent();

const commands = {
  async gets({ url, headers, answer, calls, concurrency }: Gets): Promise<MeasuredRound> {
    const { origin, pathname } = new URL(url);
    const latencies = new Array<number>(calls).fill(0);
    let next = 0;
    const worker = async () => {
      while (next < calls) {
        const index = next++;
        const startedAt = performance.now();
        const { statusCode, body } = await agent.request({
          ...{ origin, path: pathname, method: "GET", headers },
        });
        const text = await body.text();
        latencies[index] = performance.now() - startedAt;
        if (statusCode !== 200 || text !== answer) {
          throw new Error(`A wrong answer (${statusCode}): ${text.slice(0, 200)}`);
        }
      }
    };
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: concurrency }, worker));
    const elapsedMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    return { latencies, elapsedMs, cpuMs: (user + system) / 1000 };
  },
};
export type HttpLoadProcess = typeof commands;

serve(commands);
