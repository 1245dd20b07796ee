import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { StandingDetail } from "@/components/connections/standing-detail";
import { StatusBadge } from "@/components/connections/status-badge";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { RefreshFailureView } from "@/lib/contracts/connections/refresh";

/** What the last refresh did not renew: why, since when, and who has to act. */
export function FailureList({ failures }: { failures: readonly RefreshFailureView[] }) {
  if (failures.length === 0) {
    return (
      <EmptyState
        icon={<CircleCheck aria-hidden="true" />}
        title="Nothing failed"
        headingLevel="h3"
      >
        Every account that Usher refreshes was renewed the last time.
      </EmptyState>
    );
  }
  return (
    <ul className="divide-y divide-border rounded-lg border border-border bg-surface">
      {failures.map((failure) => (
        <li key={`${failure.serverId}/${failure.owner}`} className="grid gap-1 px-4 py-3 text-sm">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Link
              href={`/mcp-servers/${failure.serverId}`}
              className="font-medium hover:underline [overflow-wrap:anywhere]"
            >
              {failure.serverName}
            </Link>
            <span className="text-muted [overflow-wrap:anywhere]">{failure.owner}</span>
            <StatusBadge status={failure.standing.status} />
          </div>
          <p className="text-pretty text-muted [overflow-wrap:anywhere]">
            {failure.standing.reason}
          </p>
          <p className="text-faint text-xs">
            {failure.standing.status === "retrying" && failure.standing.since ? (
              <>
                Failed <RelativeTime value={failure.standing.since} tense="past" />
                {failure.failures > 1 ? `, ${failure.failures} times in a row` : null} ·{" "}
              </>
            ) : null}
            <StandingDetail standing={failure.standing} />
          </p>
        </li>
      ))}
    </ul>
  );
}
