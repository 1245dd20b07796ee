import * as z from "zod";
import { connectionStanding } from "./connection";

/** One run of the sweep. Times are ISO 8601. */
export const sweepRunView = z.object({
  id: z.string(),
  trigger: z.enum(["cron", "timer", "manual"]),
  startedAt: z.string(),
  /** Null while it runs, or if its process died. */
  durationMs: z.number().nullable(),
  refreshed: z.number(),
  failed: z.number(),
  /** Retried later; nothing was lost. */
  deferred: z.number(),
  /** Still due when the time was up. */
  remaining: z.number(),
  error: z.string().nullable(),
});
export type SweepRunView = z.infer<typeof sweepRunView>;

const account = z.object({
  serverId: z.string(),
  serverName: z.string(),
  /** "Shared", or the person's name. */
  owner: z.string(),
});

export const refreshFailureView = account.extend({
  standing: connectionStanding,
  /** Consecutive failures. */
  failures: z.number(),
});
export type RefreshFailureView = z.infer<typeof refreshFailureView>;

export const upcomingRefreshView = account.extend({
  nextRefreshAt: z.string(),
  expiresAt: z.string().nullable(),
});
export type UpcomingRefreshView = z.infer<typeof upcomingRefreshView>;

/** The page: the runs of the last 24 hours, newest first, and the first 50 of each list. */
export const refreshOverview = z.object({
  runs: z.array(sweepRunView),
  failures: z.array(refreshFailureView),
  upcoming: z.array(upcomingRefreshView),
  /** Of all stored accounts that Usher refreshes automatically. */
  refreshable: z.number(),
});
export type RefreshOverview = z.infer<typeof refreshOverview>;
