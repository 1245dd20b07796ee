"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { ConnectionsNav } from "@/components/connections/connections-nav";
import { ConsoleFilters } from "@/components/connections/console/console-filters";
import { ConsoleTable } from "@/components/connections/console/console-table";
import { RevokeDialog } from "@/components/connections/console/revoke-dialog";
import {
  type ConsoleView,
  useConsoleView,
} from "@/components/connections/console/use-console-view";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { longestSearch } from "@/components/ui/list/search";
import { ShowMore } from "@/components/ui/list/show-more";
import { useLoadedPages } from "@/components/ui/list/use-loaded-pages";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { ConsoleConnection } from "@/lib/contracts/connections/connection-console";
import { formatNumber } from "@/lib/contracts/format";
import { connectionConsoleQuery } from "@/lib/queries/connection-console";

/** @param manages false: the viewer reads only */
export function ConnectionConsole({ manages }: { manages: boolean }) {
  const view = useConsoleView();
  return (
    <Page>
      <PageHeader
        title="Connections"
        description="Each account and key that your team has connected, and whether it works."
      />
      <ConnectionsNav />
      <Connections view={view} manages={manages} />
    </Page>
  );
}

function Connections({ view, manages }: { view: ConsoleView; manages: boolean }) {
  const { show, sort, person, server, pages } = view;
  const search = useDeferredValue(view.search.slice(0, longestSearch).trim());
  const query = useInfiniteQuery(connectionConsoleQuery({ search, show, sort, person, server }));
  useLoadedPages(query, pages);
  const loaded = query.data?.pages;
  const first = loaded?.[0]?.first;

  if (!loaded || !first) {
    return query.isError ? (
      <LoadProblem
        title="The connections could not be loaded"
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <ConsoleSkeleton />
    );
  }
  const isEverything = !search && show === "all" && !person && !server && !query.isPlaceholderData;
  if (first.found === 0 && isEverything) {
    return (
      <EmptyState icon={<KeyRound />} title="No connections yet">
        Accounts and keys appear here once somebody connects one.
      </EmptyState>
    );
  }
  // A row that moved between two requests may be on both pages.
  const rows = [
    ...new Map(loaded.flatMap((page) => page.connections).map((row) => [row.id, row])).values(),
  ];
  return (
    <div className="grid gap-4">
      <ConsoleFilters view={view} first={first} />
      {rows.length === 0 ? (
        <NoMatch title="No matches" onClear={view.clear}>
          No connection matches your search and filters.
        </NoMatch>
      ) : (
        <Rows key={`${search} ${show} ${person} ${server}`} rows={rows} manages={manages} />
      )}
      <ShowMore
        query={query}
        label="Show more connections"
        onMore={() => {
          view.setPages(loaded.length + 1);
          void query.fetchNextPage();
        }}
      >
        {formatNumber(rows.length)} of {first.foundMore ? "more than " : ""}
        {formatNumber(first.found)}
      </ShowMore>
    </div>
  );
}

function Rows({ rows, manages }: { rows: readonly ConsoleConnection[]; manages: boolean }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [revoking, setRevoking] = useState<{
    open: boolean;
    rows: readonly ConsoleConnection[];
  }>({ open: false, rows: [] });
  // Rows that are no longer in the list are no longer selected.
  const selected = rows.filter(({ id }) => chosen.has(id));
  const isAll = selected.length === rows.length;

  function toggle(id: string) {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  }

  if (!manages) return <ConsoleTable rows={rows} selection={null} />;
  return (
    <div className="grid gap-3">
      <div className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-2">
        <Checkbox
          label={`Select ${counted(rows.length, "connection", "connections")} shown`}
          checked={isAll}
          onChange={() => setChosen(new Set(isAll ? [] : rows.map(({ id }) => id)))}
        />
        {selected.length > 0 ? (
          <>
            <p role="status" className="text-muted text-sm">
              {formatNumber(selected.length)} selected
            </p>
            <Button
              size="sm"
              variant="danger"
              onClick={() => setRevoking({ open: true, rows: selected })}
            >
              Revoke…
            </Button>
          </>
        ) : null}
      </div>
      <ConsoleTable
        rows={rows}
        selection={{
          ...{ ids: chosen, toggle },
          onRevoke: (row) => setRevoking({ open: true, rows: [row] }),
        }}
      />
      <RevokeDialog
        open={revoking.open}
        rows={revoking.rows}
        onClose={(revoked) => {
          setRevoking((before) => ({ ...before, open: false }));
          if (revoked) setChosen(new Set());
        }}
      />
    </div>
  );
}

function ConsoleSkeleton() {
  return (
    <div className="grid gap-4">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="flex flex-wrap gap-3">
        <Skeleton className="h-8 w-72 max-w-full" />
        <Skeleton className="h-8 w-52 max-w-full" />
      </div>
      <div className="divide-y divide-border rounded-lg border border-border">
        <div className="h-8 rounded-t-lg bg-sunken" />
        {["w-32", "w-44", "w-36"].map((width) => (
          <div key={width} className="flex h-14.5 items-center gap-6 px-4">
            <div className="grid flex-1 gap-1.5">
              <Skeleton className={width} />
              <Skeleton className="h-3 w-48 max-w-full" />
            </div>
            <Skeleton className="w-24 max-sm:hidden" />
            <Skeleton className="w-20 max-sm:hidden" />
          </div>
        ))}
      </div>
    </div>
  );
}
