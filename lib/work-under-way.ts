import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@/lib/log";

/**
 * Work that must finish although no one waits for it any more, such as a token request that
 * was sent. The process ends, or a function is frozen, only afterwards.
 */
export interface WorkUnderWay {
  /** Returns `work` unchanged, including its failure. */
  keep<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is in progress, including what starts while this waits. Never rejects. */
  settled(): Promise<void>;
}

/**
 * @param tellPlatform a platform that freezes a process after its responses waits for what it is given
 * here. It may throw if no request is in progress.
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
        // Work from a timer: no request, and no platform that freezes.
      }
      return work;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** Short: once the database is back, a save comes before another process takes its lease. */
const longestPauseMs = 500;

/**
 * A provider responds once: its response must reach the database, even one that is restarting.
 * @param mayPause whether there is time for another pause of this many ms
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
 * `work`, or the result of `instead` if it takes longer. The work continues: the caller leaves, and no
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
