import { setTimeout as sleep } from "node:timers/promises";
import type { FlowTrigger } from "@/lib/contracts/servers/flow";
import { claimLease } from "@/lib/db/refresh/refresh-lease";
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
/**
 * A loser looks again after a twelfth of the time that it has waited, within these: so much it may come
 * late. A thousand that wait for as many accounts look together, by one statement a turn.
 */
const pollMs = { share: 1 / 12, least: 15, most: 250 };

const askAgainMs = 500;

/**
 * The only refresh. Callers in this process share one; replicas meet at the row's lease; whoever
 * loses waits and takes what the winner saved. A caller that goes away does not stop it.
 *
 * @param seenVersion of the row whose access token is no longer good enough
 * @param trigger a person waits for it in both cases
 */
export async function refresh(
  ctx: RefreshContext,
  owner: Owner,
  seenVersion: number,
  trigger: Exclude<FlowTrigger, "sweep"> = "call",
): Promise<RefreshOutcome> {
  const key = `${owner.serverId}/${owner.ownerKey}`;
  const underWay = ctx.refreshesUnderWay.get(key);
  if (underWay) {
    const shared = await underWay;
    if (shared.outcome !== "refreshed" || shared.version > seenVersion) return shared;
    return refresh(ctx, owner, seenVersion, trigger);
  }
  const started = winOrWait(ctx, owner, seenVersion, trigger).finally(() => {
    ctx.refreshesUnderWay.delete(key);
  });
  ctx.refreshesUnderWay.set(key, started);
  return started;
}

async function winOrWait(
  ctx: RefreshContext,
  owner: Owner,
  seenVersion: number,
  trigger: FlowTrigger,
): Promise<RefreshOutcome> {
  const startedAt = performance.now();
  const waitMs = (ctx.leaseMs ?? leaseMs) + waitBeyondLeaseMs;
  const watch = new LeaseWatch();
  let waited = false;
  let triedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const row = await findTokenSet(ctx.db, owner);
    const settled = settledAlready(ctx, row, seenVersion, true);
    if (settled) {
      const waitedMs = performance.now() - startedAt;
      if (waited) ctx.telemetry?.on?.time("usher_lease_wait_seconds", waitedMs, {});
      return settled;
    }
    const ofDead = row && watch.isHolderDead(row) ? row : null;
    // Whether a lease is over the database knows alone, but to be asked with every look it need not.
    if (row && (row.leaseId === null || ofDead || performance.now() - triedAt > askAgainMs)) {
      triedAt = performance.now();
      const lease = newLease(ctx);
      const leased = await claimLease(ctx.db, row.id, lease.leaseId, lease.lengthMs, ofDead);
      if (leased) {
        return ctx.underWay.keep(refreshLeased(ctx, leased, lease, { seenVersion, trigger }));
      }
    }
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > waitMs) {
      return tryLater(ctx, "Another refresh of this account takes unusually long.", 5000);
    }
    waited = true;
    await sleep(Math.min(Math.max(waitedMs * pollMs.share, pollMs.least), pollMs.most));
  }
}
