import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@/lib/log";

const longestPauseMs = 2000;

/**
 * A provider answers once: what it answered must reach the database, also one that is just restarting.
 * @param mayPause whether there is time for another pause of so many ms
 * @throws the error of the last try
 */
export async function keepTrying<T>(
  save: () => Promise<T>,
  { what, log, mayPause }: { what: string; log: Log; mayPause: (ms: number) => boolean },
): Promise<T> {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await save();
    } catch (error) {
      if (!mayPause(pauseMs)) throw error;
      log.warn({ err: error }, `${what} could not be saved yet; trying again`);
      await sleep(pauseMs);
    }
  }
}

/** For `mayPause`. @param forMs from now on */
export function untilOver(forMs: number): (pauseMs: number) => boolean {
  const startedAt = performance.now();
  return (pauseMs) => performance.now() - startedAt + pauseMs < forMs;
}
