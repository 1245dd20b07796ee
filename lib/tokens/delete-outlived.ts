import { deleteAuthorizationRequestsBefore } from "@/lib/db/authorization-request";
import type { Database } from "@/lib/db/client";
import { deleteFlowRecordsBeyond } from "@/lib/db/flow-record";
import { deletePasswordResetsExpiredBefore } from "@/lib/db/password-reset";
import { deleteWindowsBefore } from "@/lib/db/rate-limit";
import { deleteSessionsExpiredBefore } from "@/lib/db/session";
import { deleteSweepRunsBefore } from "@/lib/db/sweep-run";
import { mostRecords } from "@/lib/flows/recorder";

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
