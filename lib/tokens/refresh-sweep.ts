import pLimit from "p-limit";
import { deleteAuthorizationRequestsBefore } from "@/lib/db/authorization-request";
import { deleteFlowRecordsBeyond } from "@/lib/db/flow-record";
import { deleteNoticesClosedBefore } from "@/lib/db/notices/notice";
import { deletePasswordResetsExpiredBefore } from "@/lib/db/password-reset";
import { deleteWindowsBefore } from "@/lib/db/rate-limit";
import { claimDueForRefresh, countDueForRefresh } from "@/lib/db/refresh/refresh-lease";
import { deleteSessionsExpiredBefore } from "@/lib/db/session";
import { deleteSweepRunsBefore, finishSweepRun, startSweepRun } from "@/lib/db/sweep-run";
import { deleteWebhookEventsBefore } from "@/lib/db/webhooks/delivery";
import { deleteOutlivedSecrets } from "@/lib/db/webhooks/webhook";
import { mostRecords } from "@/lib/flows/recorder";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { deleteBeyondRetention, type RetentionContext } from "@/lib/retention";
import { newLease } from "@/lib/tokens/lease";
import { refreshLeased } from "@/lib/tokens/refresh-leased";
import type { RefreshContext, RefreshOutcome } from "@/lib/tokens/refresh-outcome";
import { sweepRevocations } from "@/lib/tokens/revocation/revocation-sweep";
import { keepTrying, untilOver } from "@/lib/work-under-way";

interface SweepOptions {
  trigger: "cron" | "timer" | "manual";
  /** Claiming stops after this; claimed rows are finished, which takes at most 20 s. */
  claimForMs: number;
  /** Parallel token requests. */
  concurrency: number;
}

interface SweepResult {
  refreshed: number;
  /** Needs a new consent. */
  failed: number;
  /** Retried later; nothing was lost. */
  deferred: number;
  /** Still due when the time was up. */
  remaining: number;
}

/** Rows claimed by one statement, if this many may run: they share its cost. */
const smallestBatch = 16;
/** For a sweep's own statements, for which no person waits, in ms. */
const statementMs = 15_000;
/** How long recording the end of a run is retried, in ms. */
const recordForMs = 15_000;

/**
 * Refreshes what is due: each row claimed by its lease, so that any number of sweeps and calls may
 * run at once. Memory holds what is being refreshed, about half as much again, and no more. When the
 * process has to end, what was sent is finished and saved, and the rest is left to the next run.
 */
export function runRefreshSweep(ctx: RefreshContext, options: SweepOptions): Promise<SweepResult> {
  return ctx.underWay.keep(sweep(ctx, options));
}

async function sweep(ctx: RefreshContext, options: SweepOptions): Promise<SweepResult> {
  const startedAt = ctx.now();
  const run = await startSweepRun(ctx.db, options.trigger, startedAt);
  const result: SweepResult = { refreshed: 0, failed: 0, deferred: 0, remaining: 0 };
  let error: string | null = null;
  try {
    await refreshDue(ctx, options, startedAt, result);
    await sweepRevocations(ctx).catch((cause: unknown) => {
      ctx.log.error({ err: cause }, "revoking stopped; the next sweep goes on");
    });
    await ctx.db
      .$within(statementMs, () => reconcileNotices(ctx))
      .catch((cause: unknown) => {
        ctx.log.error(
          { err: cause },
          "notices are not up to date; the next sweep brings them there",
        );
      });
    result.remaining = await ctx.db.$within(statementMs, () =>
      countDueForRefresh(ctx.db, startedAt),
    );
  } catch (cause) {
    ctx.log.error({ err: cause }, "the refresh sweep stopped");
    error = "The sweep stopped early because of an error; the next one continues. See the log.";
    throw cause;
  } finally {
    const end = { finishedAt: ctx.now(), ...result, error };
    await keepTrying(() => finishSweepRun(ctx.db, run.id, end), {
      what: "the end of a refresh sweep",
      log: ctx.log,
      mayPause: untilOver(recordForMs),
    });
  }
  const tookMs = ctx.now().getTime() - startedAt.getTime();
  const { trigger } = options;
  ctx.telemetry?.on?.time("usher_sweep_duration_seconds", tookMs, { trigger });
  ctx.log.info({ ...result, trigger: options.trigger }, "refresh sweep finished");
  return result;
}

async function refreshDue(
  ctx: RefreshContext,
  { claimForMs, concurrency }: SweepOptions,
  dueBefore: Date,
  result: SweepResult,
): Promise<void> {
  const stopClaimingAt = performance.now() + claimForMs;
  const limit = { run: pLimit(concurrency), stopped: () => ctx.stopping.aborted };
  const claimed = new Set<Promise<void>>();
  let isFirst = true;
  let oneEnded = () => {};
  // Enough that the next ones are ready when one ends, and no more: each waiting one is held in memory.
  const batch = Math.max(Math.floor(concurrency / 4), Math.min(concurrency, smallestBatch));
  const mostClaimed = concurrency + batch * 2;
  for (let more = true; more && performance.now() < stopClaimingAt && !ctx.stopping.aborted; ) {
    if (claimed.size > mostClaimed - batch) {
      await new Promise<void>((resolve) => {
        oneEnded = resolve;
      });
      continue;
    }
    const lease = newLease(ctx);
    const { leaseId, lengthMs } = lease;
    const rows = await ctx.db.$within(statementMs, () =>
      claimDueForRefresh(ctx.db, dueBefore, batch, leaseId, lengthMs),
    );
    more = rows.length === batch;
    if (isFirst) tellLag(ctx, rows, dueBefore);
    isFirst = false;
    for (const row of rows) {
      const one = refreshLeased(ctx, row, lease, {
        seenVersion: row.version,
        limit,
        trigger: "sweep",
      })
        .then((outcome) => count(outcome, result))
        .catch((error: unknown) => {
          ctx.log.error({ err: error, serverId: row.serverId }, "a refresh of the sweep failed");
          result.deferred += 1;
        })
        .finally(() => {
          claimed.delete(one);
          oneEnded();
        });
      claimed.add(one);
    }
  }
  await Promise.all(claimed);
}

/** How late the sweep is: the first rows that it claims are the most urgent ones. */
function tellLag(
  { telemetry }: RefreshContext,
  rows: readonly { nextRefreshAt: Date | null }[],
  at: Date,
): void {
  const due = rows.flatMap(({ nextRefreshAt }) => nextRefreshAt?.getTime() ?? []);
  const lagMs = due.length === 0 ? 0 : at.getTime() - Math.min(...due);
  telemetry?.on?.time("usher_sweep_lag_seconds", lagMs, {});
}

function count({ outcome }: RefreshOutcome, result: SweepResult): void {
  if (outcome === "refreshed") result.refreshed += 1;
  else if (outcome === "needs_authorization") result.failed += 1;
  else result.deferred += 1;
}

/** For every token request that the sweep has in progress. */
export const sweepConcurrency = 64;

const dayMs = 24 * 60 * 60_000;
/** A callback that comes late is still told that it came late. */
const flowDays = 1;
/** The longest window is far shorter. */
const windowDays = 1;
const sweepRunDays = 30;
const webhookEventDays = 30;
const closedNoticeDays = 30;
/** For one kind in one run, so that none holds rows for long. The next one continues. */
const mostDeleted = 10_000;

/** Deletes rows that are no longer needed. */
export function deleteOutlived(ctx: RetentionContext): Promise<void> {
  return ctx.db.$within(statementMs, () => deleteAllOutlived(ctx));
}

async function deleteAllOutlived(ctx: RetentionContext): Promise<void> {
  const daysAgo = (days: number) => new Date(ctx.now().getTime() - days * dayMs);
  await deleteAuthorizationRequestsBefore(ctx.db, daysAgo(flowDays));
  await deleteWindowsBefore(ctx.db, daysAgo(windowDays));
  await deleteSessionsExpiredBefore(ctx.db, ctx.now());
  await deletePasswordResetsExpiredBefore(ctx.db, ctx.now());
  await deleteSweepRunsBefore(ctx.db, daysAgo(sweepRunDays));
  await deleteFlowRecordsBeyond(ctx.db, {
    before: daysAgo(ctx.env.retention.flows),
    most: mostRecords,
  });
  await deleteOutlivedSecrets(ctx.db, ctx.now());
  await deleteWebhookEventsBefore(ctx.db, daysAgo(webhookEventDays), mostDeleted);
  await deleteNoticesClosedBefore(ctx.db, daysAgo(closedNoticeDays), mostDeleted);
  await deleteBeyondRetention(ctx);
}
