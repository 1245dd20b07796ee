import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@/lib/db/client";
import { extendLease, type LeasedRow, type SeenLease } from "@/lib/db/refresh/refresh-lease";
import type { Log } from "@/lib/log";
import { keepTrying } from "@/lib/work-under-way";

/** Well beyond the 20 s that a token request may take. */
export const leaseMs = 60_000;
/** For the lease: 35 s of 60. A request sent later could outlive it. */
const latestStart = 35 / 60;
/** How often a holder shows that it is alive. Most finish before the first time. */
const showEveryMs = 1000;
/** A holder that was silent this long checks that it still holds the lease before it continues. */
const sureForMs = 3000;
/**
 * A holder that does not show itself for this long is dead. Well within the 10 s for which many
 * providers forgive the second use of a refresh token: what was sent to the dead one is lost.
 */
const deadAfterMs = 7000;
/** After a longer gap between two checks, this process or the database may have stalled. */
const longestGapMs = 1000;

/** A loser waits this long for the winner, beyond its lease: a moment for one save. */
const waitBeyondLeaseMs = 5000;
/**
 * A loser checks again after a twelfth of the time that it has waited, within these limits: that is how late it may
 * be. A thousand that wait for as many accounts check together, with one statement per turn.
 */
const pollMs = { share: 1 / 12, least: 15, most: 250 };

const askAgainMs = 500;

/** The right to refresh the tokens of one row, which the row names by `leaseId`. */
export interface Lease {
  leaseId: string;
  /** By this process's clocks, before the claim was sent. */
  claimedAt: Moment;
  lengthMs: number;
}

/** In a frozen process the monotonic clock stops while the wall clock moves on. */
interface Moment {
  monotonic: number;
  wall: number;
}

export function newLease(ctx: { leaseMs?: number }): Lease {
  return { leaseId: randomUUID(), claimedAt: thisMoment(), lengthMs: ctx.leaseMs ?? leaseMs };
}

function ageOf(lease: Lease): number {
  return since(lease.claimedAt);
}

/** A lease in the hands of its holder, who shows the others that it is alive. */
export class HeldLease {
  readonly #db: Database;
  readonly #row: LeasedRow;
  readonly #lease: Lease;
  readonly #timer: NodeJS.Timeout;
  #shownAt: Moment;
  #showing: Promise<boolean> | null = null;

  constructor(ctx: { db: Database }, row: LeasedRow, lease: Lease) {
    this.#db = ctx.db;
    this.#row = row;
    this.#lease = lease;
    this.#shownAt = lease.claimedAt;
    this.#timer = setInterval(() => void this.#show(), showEveryMs);
  }

  /**
   * Whether no one else may claim the row while a request that is sent now is in progress. Asks the
   * database if this process may have stood still long enough to be taken for dead.
   */
  async maySend(): Promise<boolean> {
    if (ageOf(this.#lease) > this.#lease.lengthMs * latestStart) return false;
    return since(this.#shownAt) < sureForMs || (await this.#show());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One at a time: while the database does not answer they must not pile up. */
  #show(): Promise<boolean> {
    this.#showing ??= this.#extend().finally(() => {
      this.#showing = null;
    });
    return this.#showing;
  }

  async #extend(): Promise<boolean> {
    const { leaseId, lengthMs } = this.#lease;
    if (ageOf(this.#lease) > lengthMs) return false;
    const at = thisMoment();
    try {
      const held = await extendLease(this.#db, this.#row, leaseId, lengthMs);
      if (held) this.#shownAt = at;
      return held;
    } catch {
      // A failed heartbeat is repeated by the next one.
      return false;
    }
  }
}

/**
 * The provider has already rotated its token. The lease keeps everyone else away, and so does an
 * unreachable database.
 */
export function whileLeased(
  { db, log }: { db: Database; log: Log },
  lease: Lease,
  save: () => Promise<boolean>,
): Promise<boolean> {
  return keepTrying(save, {
    what: "the result of a refresh",
    log,
    mayPause: (ms) => ageOf(lease) + ms <= lease.lengthMs || db.$isAway(),
  });
}

/** What a waiter knows about a lease's holder, from polling and its own clock. */
export class LeaseWatch {
  #shown: string | null = null;
  #since = 0;
  #lookedAt = 0;

  /** @param row as just read; check again within a second */
  isHolderDead({ leaseId, leaseUntil }: SeenLease): boolean {
    const now = performance.now();
    const shown = leaseId && `${leaseId} ${leaseUntil?.getTime()}`;
    if (shown !== this.#shown || now - this.#lookedAt > longestGapMs) this.#since = now;
    this.#shown = shown;
    this.#lookedAt = now;
    return shown !== null && now - this.#since > deadAfterMs;
  }
}

export type Turn<Settled, Leased> =
  /** There is nothing to do, or someone else did it. @property waitedMs null: at the first check already */
  | { is: "settled"; settled: Settled; waitedMs: number | null }
  | { is: "claimed"; leased: Leased; lease: Lease }
  | { is: "too_long" };

/** Replicas meet at the row: one claims its lease, and the others wait until the row is settled. */
export async function claimOrWait<Row extends SeenLease, Settled, Leased>(
  ctx: { leaseMs?: number },
  row: {
    read(): Promise<Row | null>;
    settled(row: Row | null): Settled | null;
    claim(row: Row, lease: Lease, ofDead: SeenLease | null): Promise<Leased | null>;
  },
): Promise<Turn<Settled, Leased>> {
  const startedAt = performance.now();
  const waitMs = (ctx.leaseMs ?? leaseMs) + waitBeyondLeaseMs;
  const watch = new LeaseWatch();
  let waited = false;
  let triedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const seen = await row.read();
    const settled = row.settled(seen);
    if (settled !== null) {
      const waitedMs = waited ? performance.now() - startedAt : null;
      return { is: "settled", settled, waitedMs };
    }
    const ofDead = seen && watch.isHolderDead(seen) ? seen : null;
    // Only the database knows whether a lease has ended, but it need not be asked at every check.
    if (seen && (seen.leaseId === null || ofDead || performance.now() - triedAt > askAgainMs)) {
      triedAt = performance.now();
      const lease = newLease(ctx);
      const leased = await row.claim(seen, lease, ofDead);
      if (leased !== null) return { is: "claimed", leased, lease };
    }
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > waitMs) return { is: "too_long" };
    waited = true;
    await sleep(Math.min(Math.max(waitedMs * pollMs.share, pollMs.least), pollMs.most));
  }
}

function thisMoment(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

function since({ monotonic, wall }: Moment): number {
  return Math.max(performance.now() - monotonic, Date.now() - wall);
}
