import type { Database } from "./client";
import type { SweepRun } from "./generated/client";

export type SweepRunRow = SweepRun;

/**
 * No run takes longer: it claims for 4.5 minutes at most. One that nevertheless does overwrites what
 * was recorded about it.
 */
const longestRunMs = 4.5 * 60_000;

/** Ends the records of runs whose process was killed, and starts a new one. */
export async function startSweepRun(
  db: Database,
  trigger: "cron" | "timer" | "manual",
  startedAt: Date,
): Promise<SweepRunRow> {
  await db.sweepRun.updateMany({
    where: { finishedAt: null, startedAt: { lte: new Date(startedAt.getTime() - longestRunMs) } },
    data: {
      finishedAt: startedAt,
      error: "The process was killed before this sweep was done; the next one went on.",
    },
  });
  return db.sweepRun.create({ data: { trigger, startedAt } });
}

export async function finishSweepRun(
  db: Database,
  id: string,
  outcome: {
    finishedAt: Date;
    refreshed: number;
    failed: number;
    deferred: number;
    remaining: number;
    error: string | null;
  },
): Promise<void> {
  await db.sweepRun.update({ where: { id }, data: outcome });
}

export function findLastSweepRun(db: Database): Promise<SweepRunRow | null> {
  return db.sweepRun.findFirst({ orderBy: { startedAt: "desc" } });
}

export async function deleteSweepRunsBefore(db: Database, before: Date): Promise<number> {
  const { count } = await db.sweepRun.deleteMany({ where: { startedAt: { lt: before } } });
  return count;
}

export function listSweepRuns(db: Database, since: Date, limit: number): Promise<SweepRunRow[]> {
  return db.sweepRun.findMany({
    where: { startedAt: { gte: since } },
    orderBy: { startedAt: "desc" },
    take: limit,
  });
}
