import { RelativeTime } from "@/components/ui/text/relative-time";
import type { SweepRunView } from "@/lib/contracts/connections/refresh";
import { formatDuration } from "@/lib/contracts/format";

const triggers = { cron: "by cron", timer: "by the timer", manual: "by hand" } as const;

/** The last sweep in one line. */
export function LastRun({ run }: { run: SweepRunView | undefined }) {
  if (!run) {
    return (
      <p className="text-muted text-sm">
        No sweep ran in the last 24 hours. Self-hosted, one starts with the server; on Vercel, the
        cron of vercel.json calls it.
      </p>
    );
  }
  return (
    <p className="text-muted text-sm">
      Last sweep <RelativeTime value={run.startedAt} tense="past" /> {triggers[run.trigger]}
      {run.durationMs === null ? ", still running" : `, in ${formatDuration(run.durationMs)}`}:{" "}
      {run.refreshed} refreshed, {run.deferred} tried again later, {run.failed} need
      re-authorization
      {run.remaining > 0 ? `, ${run.remaining} left for the next one` : ""}.
      {run.error ? <span className="text-danger-text"> {run.error}</span> : null}
    </p>
  );
}
