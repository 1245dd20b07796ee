export interface RunningTurn {
  readonly conversationId: string;
  stop(): void;
  /** The process is shutting down. */
  interrupt(): void;
}

/** The turns of this process, so that a stop reaches one here at once. Others look at the database. */
export interface RunningTurns {
  add(turn: RunningTurn): void;
  /** Called when everything is stored. */
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
