"use client";

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, RefreshCw } from "lucide-react";
import Link from "next/link";
import { useDeferredValue } from "react";
import { toast } from "sonner";
import { needWords } from "@/components/connections/standing-summary";
import { accessFrom, StandingDetail, StatusBadge } from "@/components/connections/status-badge";
import { RunChart, runBuckets } from "@/components/refreshes/run-chart";
import { UpcomingTable } from "@/components/refreshes/upcoming-table";
import { useWords } from "@/components/shell/viewer-words";
import { Button } from "@/components/ui/button";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { matches } from "@/components/ui/list/search";
import { SearchWhenLong } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { RelativeTime, useNow } from "@/components/ui/text/relative-time";
import type {
  RefreshFailureView,
  RefreshOverview,
  SweepRunView,
} from "@/lib/contracts/connections/refresh";
import { formatDuration } from "@/lib/contracts/format-day";
import { fetchJson } from "@/lib/queries/fetch-json";

/** @param manages false: the viewer reads only, and does not see the servers' pages */
export function RefreshesPage({ manages }: { manages: boolean }) {
  const query = useQuery(refreshesQuery());
  const client = useQueryClient();
  const sweep = useMutation({
    mutationFn: refreshNow,
    onSuccess: (overview) => {
      client.setQueryData(refreshesQuery().queryKey, overview);
      toast.success("All due tokens were refreshed.");
    },
    onError: (error) => toast.error(error.message),
  });
  return (
    <Page>
      <PageHeader
        title="Refreshes"
        description="Usher refreshes tokens before they expire: every 5 minutes for tokens expiring within 10 minutes, and immediately for a call that needs one."
        actions={
          manages ? (
            <Button loading={sweep.isPending} onClick={() => sweep.mutate()}>
              <RefreshCw aria-hidden="true" />
              Refresh now
            </Button>
          ) : null
        }
      />
      {query.data ? (
        <Overview overview={query.data} manages={manages} />
      ) : query.isError ? (
        <LoadProblem
          title="The refreshes could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Overview({ overview, manages }: { overview: RefreshOverview; manages: boolean }) {
  const now = useNow();
  const { runs, failures, upcoming, refreshable } = overview;
  const [text, setText] = useUrlState("search");
  const sought = useDeferredValue(text);
  const isSought = (each: { serverName: string; owner: string }) =>
    matches(sought, [each.serverName, each.owner]);
  const found = { failures: failures.filter(isSought), upcoming: upcoming.filter(isSought) };
  const count = found.failures.length + found.upcoming.length;
  const listed = failures.length + upcoming.length;
  return (
    <div className="grid gap-8">
      <div className="grid gap-3">
        <LastRun run={runs[0]} />
        {now === null ? null : <RunChart buckets={runBuckets(runs, now)} />}
      </div>
      <SearchWhenLong
        label="Search refreshes"
        placeholder="Search by server or account"
        value={text}
        onChange={setText}
        found={{ count, of: listed }}
      />
      {sought.trim() && count === 0 ? (
        <NoMatch title="No refresh matches" onClear={() => setText("")}>
          No server or account here matches your search.
        </NoMatch>
      ) : null}
      {found.failures.length > 0 || !sought.trim() ? (
        <Section title="Failed refreshes">
          <FailureList failures={found.failures} manages={manages} />
        </Section>
      ) : null}
      {found.upcoming.length > 0 || !sought.trim() ? (
        <Section title="Upcoming">
          <UpcomingTable
            upcoming={found.upcoming}
            listed={upcoming.length}
            refreshable={refreshable}
            manages={manages}
          />
        </Section>
      ) : null}
    </div>
  );
}

function Loading() {
  return (
    <div className="grid gap-8">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="grid gap-3">
        <Skeleton className="w-80" />
        <Skeleton className="h-56 w-full" />
      </div>
      <Skeleton className="h-24 w-full" />
      <Skeleton className="h-32 w-full" />
    </div>
  );
}

const triggers = { cron: "by cron", timer: "by the timer", manual: "by hand" } as const;

function LastRun({ run }: { run: SweepRunView | undefined }) {
  if (!run) {
    return (
      <p className="text-muted text-sm">
        No sweep ran in the last 24 hours. Self-hosted, a timer in the server runs it; on Vercel,
        the cron job in vercel.json calls it.
      </p>
    );
  }
  return (
    <p className="text-muted text-sm">
      Last sweep <RelativeTime value={run.startedAt} tense="past" /> {triggers[run.trigger]}
      {run.durationMs === null ? ", still running" : `, in ${formatDuration(run.durationMs)}`}:{" "}
      {run.refreshed} refreshed, {run.deferred} retried later, {needWords(run.failed)}
      {run.remaining > 0 ? `, ${run.remaining} left for the next one` : ""}.
      {run.error ? <span className="text-danger-text"> {run.error}</span> : null}
    </p>
  );
}

function FailureList({
  failures,
  manages,
}: {
  failures: readonly RefreshFailureView[];
  manages: boolean;
}) {
  const words = useWords();
  if (failures.length === 0) {
    return (
      <EmptyState
        icon={<CircleCheck aria-hidden="true" />}
        title="Nothing failed"
        headingLevel="h3"
      >
        The last refresh of every account succeeded.
      </EmptyState>
    );
  }
  return (
    <ul className="divide-y divide-border rounded-lg border border-border bg-surface">
      {failures.map((failure) => (
        <li key={`${failure.serverId}/${failure.owner}`} className="grid gap-1 px-4 py-3 text-sm">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            {manages ? (
              <Link
                href={`/mcp-servers/${failure.serverId}`}
                className="font-medium hover:underline [overflow-wrap:anywhere]"
              >
                {failure.serverName}
              </Link>
            ) : (
              <span className="font-medium [overflow-wrap:anywhere]">{failure.serverName}</span>
            )}
            <span className="text-muted [overflow-wrap:anywhere]">{failure.owner}</span>
            <StatusBadge status={failure.standing.status} from={accessFrom(failure.standing)} />
          </div>
          <p className="text-pretty text-muted [overflow-wrap:anywhere]">
            {words(failure.standing.reason ?? "")}
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

/** The sweep runs every 5 minutes; its result shows soon after. */
const pollMs = 30_000;

function refreshesQuery() {
  return queryOptions({
    queryKey: ["refreshes"],
    queryFn: ({ signal }) => fetchJson<RefreshOverview>("/api/refreshes", { signal }),
    refetchInterval: pollMs,
  });
}

/** Runs the sweep now and resolves to the result. */
function refreshNow(): Promise<RefreshOverview> {
  return fetchJson("/api/refreshes", { method: "POST" });
}
