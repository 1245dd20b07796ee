"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useDeferredValue } from "react";
import { toast } from "sonner";
import { LoadProblem } from "@/components/connections/load-problem";
import { Button } from "@/components/ui/button";
import { matches } from "@/components/ui/list/matches";
import { NoMatch } from "@/components/ui/list/no-match";
import { SearchWhenLong } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { Skeleton } from "@/components/ui/skeleton";
import { useNow } from "@/components/ui/text/relative-time";
import type { RefreshOverview } from "@/lib/contracts/connections/refresh";
import { refreshesQuery, refreshNow } from "@/lib/queries/refreshes";
import { FailureList } from "./failure-list";
import { LastRun } from "./last-run";
import { runBuckets } from "./run-buckets";
import { RunChart } from "./run-chart";
import { UpcomingTable } from "./upcoming-table";

export function RefreshesPage() {
  const query = useQuery(refreshesQuery());
  const client = useQueryClient();
  const sweep = useMutation({
    mutationFn: refreshNow,
    onSuccess: (overview) => {
      client.setQueryData(refreshesQuery().queryKey, overview);
      toast.success("What was due is refreshed.");
    },
    onError: (error) => toast.error(error.message),
  });
  return (
    <Page>
      <PageHeader
        title="Refreshes"
        description="Usher renews access before it expires: every 5 minutes for what ends within 10, and at once for a call that needs it."
        actions={
          <Button loading={sweep.isPending} onClick={() => sweep.mutate()}>
            <RefreshCw aria-hidden="true" />
            Refresh what is due
          </Button>
        }
      />
      {query.data ? (
        <Overview overview={query.data} />
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

function Overview({ overview }: { overview: RefreshOverview }) {
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
          Nothing listed here has that in its server or account.
        </NoMatch>
      ) : null}
      {found.failures.length > 0 || !sought.trim() ? (
        <Section title="What failed, and why">
          <FailureList failures={found.failures} />
        </Section>
      ) : null}
      {found.upcoming.length > 0 || !sought.trim() ? (
        <Section title="Due next">
          <UpcomingTable
            upcoming={found.upcoming}
            listed={upcoming.length}
            refreshable={refreshable}
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
