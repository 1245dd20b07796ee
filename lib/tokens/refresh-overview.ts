import { standingOf } from "@/lib/contracts/connections/connection-standing";
import type { RefreshOverview, SweepRunView } from "@/lib/contracts/connections/refresh";
import type { Database } from "@/lib/db/client";
import {
  countRefreshable,
  listRefreshFailures,
  listUpcomingRefreshes,
  type RefreshedRow,
} from "@/lib/db/lists/refreshes";
import { listSweepRuns, type SweepRunRow } from "@/lib/db/sweep-run";

const dayMs = 24 * 60 * 60_000;
/** A run every 5 minutes, and some by hand. */
const mostRuns = 400;
const mostAccounts = 50;

/** What was refreshed, what failed and why, and what is due next. */
export async function refreshOverview(ctx: {
  db: Database;
  now: () => Date;
}): Promise<RefreshOverview> {
  const now = ctx.now();
  const since = new Date(now.getTime() - dayMs);
  const [runs, failures, upcoming, refreshable] = await Promise.all([
    listSweepRuns(ctx.db, since, mostRuns),
    listRefreshFailures(ctx.db, mostAccounts),
    listUpcomingRefreshes(ctx.db, mostAccounts),
    countRefreshable(ctx.db),
  ]);
  return {
    runs: runs.map(viewRun),
    failures: failures.map((row) => ({
      ...viewAccount(row),
      standing: standingOf(row, now),
      failures: row.refreshFailures,
    })),
    upcoming: upcoming.map((row) => ({
      ...viewAccount(row),
      nextRefreshAt: row.nextRefreshAt?.toISOString() ?? "",
      expiresAt: row.expiresAt?.toISOString() ?? null,
    })),
    refreshable,
  };
}

function viewAccount(row: RefreshedRow) {
  return {
    serverId: row.serverId,
    serverName: row.serverName,
    owner: row.personName ?? "Shared",
  };
}

function viewRun(row: SweepRunRow): SweepRunView {
  const { id, startedAt, finishedAt, refreshed, failed, deferred, remaining, error } = row;
  return {
    id,
    trigger: row.trigger as SweepRunView["trigger"],
    startedAt: startedAt.toISOString(),
    durationMs: finishedAt ? finishedAt.getTime() - startedAt.getTime() : null,
    refreshed,
    failed,
    deferred,
    remaining,
    error,
  };
}
