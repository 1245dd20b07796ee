import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";

export interface RunningTurn {
  readonly conversationId: string;
  stop(): void;
  /** The process is shutting down. */
  interrupt(): void;
}

/** The turns of this process, so that a stop reaches one here at once. Other processes check the database. */
export interface RunningTurns {
  add(turn: RunningTurn): void;
  /** Called when everything is stored. */
  remove(turn: RunningTurn): void;
  stop(conversationId: string): void;
  /** From now on `isRefusing`: a new turn would be cut off. */
  refuseNew(): void;
  isRefusing(): boolean;
  count(): number;
  interruptAll(): void;
  /** Resolves when no turn runs. */
  settled(): Promise<void>;
}

/** @param telemetry is told how long each turn took */
export function createRunningTurns(telemetry?: TelemetrySwitch): RunningTurns {
  const running = new Map<RunningTurn, number>();
  let waiting: (() => void)[] = [];
  let isRefusing = false;
  return {
    add: (turn) => void running.set(turn, performance.now()),
    remove(turn) {
      const since = running.get(turn);
      if (since !== undefined) {
        telemetry?.on?.time("usher_turn_duration_seconds", performance.now() - since, {});
      }
      running.delete(turn);
      if (running.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    stop(conversationId) {
      for (const turn of running.keys()) if (turn.conversationId === conversationId) turn.stop();
    },
    refuseNew() {
      isRefusing = true;
    },
    isRefusing: () => isRefusing,
    interruptAll() {
      for (const turn of running.keys()) turn.interrupt();
    },
    count: () => running.size,
    async settled() {
      while (running.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
