import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@/lib/log";

/**
 * Work that must come to its end although nobody waits for it any more, such as a token request that
 * was sent. The process ends, and a function is frozen, only after it.
 */
export interface WorkUnderWay {
  /** Returns `work` as it is, its failure included. */
  keep<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, including what begins while this waits. Never rejects. */
  settled(): Promise<void>;
}

/**
 * @param tellPlatform a platform that freezes a process after its answers waits for what it is given
 * here. It may throw where no request is under way.
 */
export function createWorkUnderWay(tellPlatform: (work: Promise<void>) => void): WorkUnderWay {
  const underWay = new Set<Promise<void>>();
  return {
    keep(work) {
      const ended = work.then(
        () => {},
        () => {},
      );
      underWay.add(ended);
      void ended.then(() => underWay.delete(ended));
      try {
        tellPlatform(ended);
      } catch {
        // Work of a timer: no request, and no platform that freezes.
      }
      return work;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** Short: once the database is back, a save comes before somebody else takes its lease. */
const longestPauseMs = 500;

/**
 * A provider answers once: what it answered must reach the database, also one that is just restarting.
 * @param mayPause whether there is time for another pause of so many ms
 * @throws the error of the last try
 */
export async function keepTrying<T>(
  save: () => Promise<T>,
  { what, log, mayPause }: { what: string; log: Log; mayPause: (ms: number) => boolean },
): Promise<T> {
  let isTold = false;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await save();
    } catch (error) {
      if (!mayPause(pauseMs)) throw error;
      if (!isTold) log.warn({ err: error }, `${what} could not be saved yet; trying again`);
      isTold = true;
      await sleep(pauseMs);
    }
  }
}

/** For `mayPause`. @param forMs from now on */
export function untilOver(forMs: number): (pauseMs: number) => boolean {
  const startedAt = performance.now();
  return (pauseMs) => performance.now() - startedAt + pauseMs < forMs;
}

/**
 * `work`, or what `instead` makes where it takes longer. The work goes on: whoever waits leaves, and no
 * request that was sent is lost.
 */
export async function patiently<T, U>(
  work: Promise<T>,
  forMs: number,
  instead: () => U,
): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(instead()), forMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
