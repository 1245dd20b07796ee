import { setTimeout as sleep } from "node:timers/promises";

/** Load balancers that ask a replica; strangers could claim to be more. */
const mostAskers = 20;
/** Most load balancers leave a replica alone after two answers that say no. */
const answersToBelieve = 2;
/** In ms: whoever asks less often is no load balancer that a stop can wait for. */
const longestIntervalMs = 10_000;
/** In ms: a question can come late, as both processes may be busy. */
const shortestPatienceMs = 5_000;
const lookEveryMs = 50;

interface Asker {
  lastAt: number;
  /** In ms between its last two questions; null: it asked once. */
  intervalMs: number | null;
  refused: number;
}

/**
 * Who asks whether requests may be sent here, and who of them knows that this process stops. Until they know, they
 * send requests, and whoever closes the door meanwhile fails these.
 */
export class ReadinessProbes {
  readonly #askers = new Map<string, Asker>();

  /**
   * @param who the same for each question of one load balancer
   * @param now in ms
   */
  asked(who: string, isStopping: boolean, now: number): void {
    const before = this.#askers.get(who);
    this.#askers.delete(who);
    this.#askers.set(who, {
      lastAt: now,
      intervalMs: before ? now - before.lastAt : null,
      refused: isStopping ? (before?.refused ?? 0) + 1 : 0,
    });
    const [oldest] = this.#askers.keys();
    if (oldest !== undefined && this.#askers.size > mostAskers) this.#askers.delete(oldest);
  }

  /** Resolves when everybody who asks regularly knows, with true; at once where nobody asks, with false. */
  async allKnow(now: () => number): Promise<boolean> {
    let wasWaiting = false;
    while ([...this.#askers.values()].some((asker) => isWaitedFor(asker, now()))) {
      wasWaiting = true;
      await sleep(lookEveryMs);
    }
    return wasWaiting;
  }
}

/** Whoever stays away for three of its intervals has gone. After one question it may be about to ask again. */
function isWaitedFor({ lastAt, intervalMs, refused }: Asker, now: number): boolean {
  if (refused >= answersToBelieve) return false;
  if (intervalMs !== null && intervalMs > longestIntervalMs) return false;
  const patienceMs =
    intervalMs === null ? longestIntervalMs : Math.max(3 * intervalMs, shortestPatienceMs);
  return now - lastAt < patienceMs;
}
