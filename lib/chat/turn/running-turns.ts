/** A turn of this process. */
export interface RunningTurn {
  readonly conversationId: string;
  /** A person asked for it. */
  stop(): void;
  /** The process goes away. */
  interrupt(): void;
}

/** The turns of this process, so that a stop reaches one here at once. Others look at the database. */
export interface RunningTurns {
  add(turn: RunningTurn): void;
  /** Once all of it is stored. */
  remove(turn: RunningTurn): void;
  stop(conversationId: string): void;
  interruptAll(): void;
  /** Resolves when no turn runs. */
  settled(): Promise<void>;
}

export function createRunningTurns(): RunningTurns {
  const running = new Set<RunningTurn>();
  let waiting: (() => void)[] = [];
  return {
    add: (turn) => void running.add(turn),
    remove(turn) {
      running.delete(turn);
      if (running.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    stop(conversationId) {
      for (const turn of running) if (turn.conversationId === conversationId) turn.stop();
    },
    interruptAll() {
      for (const turn of running) turn.interrupt();
    },
    async settled() {
      while (running.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
