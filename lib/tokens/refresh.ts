import { setTimeout as sleep } from "node:timers/promises";
import { claimLease } from "@/lib/db/refresh-lease";
import { findTokenSet, type Owner } from "@/lib/db/stored-token-set";
import { LeaseWatch, leaseMs, newLease } from "./lease";
import { refreshLeased } from "./refresh-leased";
import {
  type RefreshContext,
  type RefreshOutcome,
  settledAlready,
  tryLater,
} from "./refresh-outcome";

/** A loser waits this long for the winner, beyond its lease: a moment for one save. */
const waitBeyondLeaseMs = 5000;
const shortestPollMs = 25;
const longestPollMs = 250;
/** A loser overshoots by 25 ms and a tenth of the winner's time at most. */
const pollGrowth = 1.1;

/**
 * The only refresh. Callers in this process share one; replicas meet at the row's lease; whoever
 * loses waits and takes what the winner saved. A caller that goes away does not stop it.
 *
 * @param seenVersion of the row whose access token is no longer good enough
 */
export async function refresh(
  ctx: RefreshContext,
  owner: Owner,
  seenVersion: number,
): Promise<RefreshOutcome> {
  const key = `${owner.serverId}/${owner.ownerKey}`;
  const underWay = ctx.refreshesUnderWay.get(key);
  if (underWay) {
    const shared = await underWay;
    if (shared.outcome !== "refreshed" || shared.version > seenVersion) return shared;
    return refresh(ctx, owner, seenVersion);
  }
  const started = winOrWait(ctx, owner, seenVersion).finally(() => {
    ctx.refreshesUnderWay.delete(key);
  });
  ctx.refreshesUnderWay.set(key, started);
  return started;
}

async function winOrWait(
  ctx: RefreshContext,
  owner: Owner,
  seenVersion: number,
): Promise<RefreshOutcome> {
  const startedAt = performance.now();
  const waitMs = (ctx.leaseMs ?? leaseMs) + waitBeyondLeaseMs;
  const watch = new LeaseWatch();
  let pollMs = shortestPollMs;
  for (;;) {
    const row = await findTokenSet(ctx.db, owner);
    const settled = settledAlready(ctx, row, seenVersion);
    if (settled) return settled;
    if (row) {
      const lease = newLease(ctx);
      const ofDead = watch.isHolderDead(row) ? row : null;
      const leased = await claimLease(ctx.db, row.id, lease.leaseId, lease.lengthMs, ofDead);
      if (leased) return refreshLeased(ctx, leased, lease, seenVersion);
    }
    if (performance.now() - startedAt > waitMs) {
      return tryLater(ctx, "Another refresh of this account takes unusually long.", 5000);
    }
    await sleep(pollMs);
    pollMs = Math.min(pollMs * pollGrowth, longestPollMs);
  }
}
