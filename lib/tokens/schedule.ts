import { deleteAuthorizationRequestsBefore } from "@/lib/db/authorization-request";
import type { Database } from "@/lib/db/client";
import { deleteFlowRecordsBeyond } from "@/lib/db/flow-record";
import { deletePasswordResetsExpiredBefore } from "@/lib/db/password-reset";
import { countInWindow, deleteWindowsBefore } from "@/lib/db/rate-limit";
import { deleteSessionsExpiredBefore } from "@/lib/db/session";
import { deleteSweepRunsBefore } from "@/lib/db/sweep-run";
import { mostRecords } from "@/lib/flows/recorder";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";

const sweepEveryMs = 5 * 60_000;
/** After the start. */
const firstSweepAfterMs = 2000;
/** Of every token request that the sweep has under way. */
export const sweepConcurrency = 64;

/**
 * Self-hosted: the sweep on a timer inside. Each replica ticks; the database lets one of them run
 * in each period.
 * @returns stops the timer
 */
export function startSweepTimer(ctx: RefreshContext, everyMs: number = sweepEveryMs): () => void {
  const tick = async () => {
    try {
      if (!(await isFirstInPeriod(ctx, everyMs))) return;
      await runRefreshSweep(ctx, {
        trigger: "timer",
        claimForMs: everyMs - 30_000,
        concurrency: sweepConcurrency,
      });
      await deleteOutlived(ctx);
    } catch (error) {
      ctx.log.error({ err: error }, "the refresh sweep failed; the next one goes on");
    }
  };
  const timer = setInterval(tick, everyMs);
  timer.unref();
  // Tokens may have come due while nothing ran; whoever waits for the start comes first.
  const first = setTimeout(tick, firstSweepAfterMs);
  first.unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}

/** A little less than the period, so that the same replica's next tick is not too early. */
async function isFirstInPeriod(
  ctx: { db: Database; now: () => Date },
  everyMs: number,
): Promise<boolean> {
  const { count } = await countInWindow(ctx.db, "sweep-timer", everyMs * 0.9, ctx.now());
  return count === 1;
}

const dayMs = 24 * 60 * 60_000;
/** A callback that comes late is still told that it came late. */
const flowDays = 1;
/** The longest window is far shorter. */
const windowDays = 1;
const sweepRunDays = 30;
const recordDays = 30;

/** Deletes what no longer serves anybody. Small tables stay small. */
export async function deleteOutlived(ctx: { db: Database; now: () => Date }): Promise<void> {
  const daysAgo = (days: number) => new Date(ctx.now().getTime() - days * dayMs);
  await deleteAuthorizationRequestsBefore(ctx.db, daysAgo(flowDays));
  await deleteWindowsBefore(ctx.db, daysAgo(windowDays));
  await deleteSessionsExpiredBefore(ctx.db, ctx.now());
  await deletePasswordResetsExpiredBefore(ctx.db, ctx.now());
  await deleteSweepRunsBefore(ctx.db, daysAgo(sweepRunDays));
  await deleteFlowRecordsBeyond(ctx.db, { before: daysAgo(recordDays), most: mostRecords });
}
