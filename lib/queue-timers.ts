export interface QueueTimers {
  /** Something was queued, in a transaction that may stay open for a while. */
  queued(): void;
  /** Checks after this many ms. They also name the timer: there is one of each. */
  lookAfter(ms: number): void;
}

/** In ms, after something was queued: soon, and when its transaction must have ended. */
const [soonMs, ...laterMs] = [200, 3_000, 25_000] as const;

/** When a process checks what was queued in its database. They keep no process alive. */
export function createQueueTimers(look: () => void): QueueTimers {
  const timers = new Map<number, NodeJS.Timeout>();

  function lookAfter(ms: number): void {
    clearTimeout(timers.get(ms));
    const timer = setTimeout(() => {
      timers.delete(ms);
      look();
    }, ms);
    timer.unref();
    timers.set(ms, timer);
  }

  return {
    queued() {
      if (!timers.has(soonMs)) lookAfter(soonMs);
      for (const ms of laterMs) lookAfter(ms);
    },
    lookAfter,
  };
}
