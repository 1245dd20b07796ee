import type { Database } from "@/lib/db/client";
import { countInWindow } from "@/lib/db/rate-limit";
import type { Outbox } from "@/lib/email/outbox";
import type { RetentionContext } from "@/lib/retention";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import type { WebhookDeliveries } from "@/lib/webhooks/deliveries";

type SweepTimerContext = RefreshContext &
  RetentionContext & {
    webhooks: Pick<WebhookDeliveries, "deliverDue">;
    mail: Outbox | null;
  };

const sweepEveryMs = 5 * 60_000;
/** After the start. */
const firstSweepAfterMs = 2000;

/**
 * Self-hosted: runs the sweep on an internal timer. Each replica ticks; the database lets one of them run
 * in each period. What a sweep needs is loaded with the first one, and not at the start.
 * @returns stops the timer
 */
export function startSweepTimer(
  ctx: SweepTimerContext,
  everyMs: number = sweepEveryMs,
): () => void {
  const tick = async () => {
    try {
      if (!(await isFirstInPeriod(ctx, everyMs))) return;
      const { deleteOutlived, runRefreshSweep, sweepConcurrency } = await import("./refresh-sweep");
      await runRefreshSweep(ctx, {
        trigger: "timer",
        claimForMs: everyMs - 30_000,
        concurrency: sweepConcurrency,
      });
      // What the sweep published and queued goes with it.
      await Promise.all([ctx.webhooks.deliverDue(), ctx.mail?.deliverDue()]);
      await deleteOutlived(ctx);
    } catch (error) {
      ctx.log.error({ err: error }, "the refresh sweep failed; the next one goes on");
    }
  };
  const timer = setInterval(tick, everyMs);
  timer.unref();
  // Tokens may have come due while nothing ran; requests that wait for the start come first.
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
