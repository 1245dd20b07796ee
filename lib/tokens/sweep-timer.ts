import type { Database } from "@/lib/db/client";
import { countInWindow } from "@/lib/db/rate-limit";
import { deleteOutlived } from "./delete-outlived";
import type { RefreshContext } from "./refresh-outcome";
import { runRefreshSweep } from "./refresh-sweep";

export const sweepEveryMs = 5 * 60_000;
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
