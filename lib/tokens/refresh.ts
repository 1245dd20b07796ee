import type { FlowTrigger } from "@/lib/contracts/servers/flow";
import { claimLease } from "@/lib/db/refresh/refresh-lease";
import { findTokenSet, type Owner } from "@/lib/db/stored-token-set";
import { claimOrWait } from "./lease";
import { refreshLeased } from "./refresh-leased";
import {
  type RefreshContext,
  type RefreshOutcome,
  settledAlready,
  tryLater,
} from "./refresh-outcome";

/**
 * The only refresh. Callers in this process share one; replicas meet at the row's lease; the
 * loser waits and takes what the winner saved. A caller that disconnects does not stop it.
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
  const turn = await claimOrWait(ctx, {
    read: () => findTokenSet(ctx.db, owner),
    settled: (row) => settledAlready(ctx, row, seenVersion, true),
    claim: ({ id }, { leaseId, lengthMs }, ofDead) =>
      claimLease(ctx.db, { table: "StoredTokenSet", id }, leaseId, lengthMs, ofDead),
  });
  switch (turn.is) {
    case "settled":
      if (turn.waitedMs !== null) {
        ctx.telemetry?.on?.time("usher_lease_wait_seconds", turn.waitedMs, {});
      }
      return turn.settled;
    case "claimed": {
      const { leased, lease } = turn;
      return ctx.underWay.keep(refreshLeased(ctx, leased, lease, { seenVersion, trigger }));
    }
    case "too_long":
      return tryLater(ctx, "Another refresh of this account takes unusually long.", 5000);
    default:
      return turn satisfies never;
  }
}
