import { setTimeout as sleep } from "node:timers/promises";

/** Load balancers that poll a replica; strangers could pretend to be more. */
const mostAskers = 20;
/** Most load balancers leave a replica alone after two negative answers. */
const answersToBelieve = 2;
/** In ms: a client that polls less often is not a load balancer that a stop can wait for. */
const longestIntervalMs = 10_000;
/** In ms: a poll can come late, as both processes may be busy. */
const shortestPatienceMs = 5_000;
const lookEveryMs = 50;

interface Asker {
  lastAt: number;
  /** In ms between its last two polls; null: it polled once. */
  intervalMs: number | null;
  refused: number;
}

/**
 * Who polls for readiness, and which of them know that this process is stopping. Until they know, they
 * send requests, which would fail if the server closed in the meantime.
 */
export class ReadinessProbes {
  readonly #askers = new Map<string, Asker>();

  /**
   * @param who the same for each poll of one load balancer
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

  /** Resolves when everyone who polls regularly knows, with true; at once if no one polls, with false. */
  async allKnow(now: () => number): Promise<boolean> {
    let wasWaiting = false;
    while ([...this.#askers.values()].some((asker) => isWaitedFor(asker, now()))) {
      wasWaiting = true;
      await sleep(lookEveryMs);
    }
    return wasWaiting;
  }
}

/** A client that stays away for three of its intervals has gone. After one poll it may be about to poll again. */
function isWaitedFor({ lastAt, intervalMs, refused }: Asker, now: number): boolean {
  if (refused >= answersToBelieve) return false;
  if (intervalMs !== null && intervalMs > longestIntervalMs) return false;
  const patienceMs =
    intervalMs === null ? longestIntervalMs : Math.max(3 * intervalMs, shortestPatienceMs);
  return now - lastAt < patienceMs;
}
