"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import { useDeferredValue, useSyncExternalStore } from "react";
import { actionKinds } from "@/components/audit/action-words";
import { AuditTable } from "@/components/audit/audit-table";
import {
  type AuditView,
  auditExportUrl,
  auditGroupsQuery,
  auditQuery,
  longestPart,
  useAuditView,
} from "@/components/audit/use-audit-view";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Select } from "@/components/ui/fields/select";
import { ShowMore } from "@/components/ui/list/show-more";
import { useLoadedPages } from "@/components/ui/list/use-loaded-pages";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { AuditFilters } from "@/lib/contracts/audit";

export function AuditPage() {
  const view = useAuditView();
  const filters = useDeferredValue(view.filters);
  const exported = useIsInBrowser() ? view.filters : {};
  return (
    <Page>
      <PageHeader
        title="Audit"
        description="Who did what, when and from which IP address. Entries cannot be edited."
        actions={(["csv", "jsonl"] as const).map((format) => (
          <Button key={format} asChild>
            <a href={auditExportUrl(format, exported)} download>
              <Download aria-hidden="true" />
              Export {format.toUpperCase()}
            </a>
          </Button>
        ))}
      />
      <AuditFilterFields view={view} />
      <Events filters={filters} pages={view.pages} onPages={view.setPages} onClear={view.clear} />
    </Page>
  );
}

/** A day begins and ends in the browser's time zone, which the server does not know. */
function useIsInBrowser(): boolean {
  return useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
}

function Events({
  filters,
  pages,
  onPages,
  onClear,
}: {
  filters: AuditFilters;
  pages: number;
  onPages: (pages: number) => void;
  onClear: () => void;
}) {
  const query = useInfiniteQuery(auditQuery(filters));
  useLoadedPages(query, pages);
  if (query.isError && !query.data) {
    return (
      <LoadProblem
        title="The audit could not be loaded"
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Loading />;
  const loaded = query.data.pages;
  const events = loaded.flatMap((page) => page.events);

  function showOlder() {
    onPages(loaded.length + 1);
    void query.fetchNextPage();
  }

  if (events.length === 0) {
    return (
      <EmptyState
        icon={<ScrollText aria-hidden="true" />}
        title="No events match"
        action={<Button onClick={onClear}>Clear filters</Button>}
      >
        Change the filters to see more.
      </EmptyState>
    );
  }
  return (
    <div className="grid justify-items-start gap-3 *:w-full">
      <AuditTable events={events} />
      <ShowMore query={query} label="Show older events" onMore={showOlder} />
    </div>
  );
}

function Loading() {
  return (
    <div>
      <p role="status" className="sr-only">
        Loading
      </p>
      <Skeleton className="h-96 w-full" />
    </div>
  );
}

const all = "all";
const outcomes = [
  { value: all, label: "Any" },
  { value: "succeeded", label: "Succeeded" },
  { value: "failed", label: "Failed" },
];

/** Filters the list during typing. */
function AuditFilterFields({ view: { fields, set } }: { view: AuditView }) {
  const known = useQuery(auditGroupsQuery()).data?.groups ?? [];
  const groups = [
    { value: all, label: "Everyone" },
    ...known.map(({ id, name }) => ({ value: id, label: name })),
    // From the URL: it is still being read, or no longer exists.
    ...(fields.group && !known.some(({ id }) => id === fields.group)
      ? [{ value: fields.group, label: "Unknown group" }]
      : []),
  ];
  return (
    <search className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Field label="What">
        <Select
          options={actionKinds}
          value={fields.action}
          onValueChange={(value) => set.action(value === "all" ? "" : value, "push")}
        />
      </Field>
      <Field label="Person">
        <Input
          type="search"
          placeholder="Email contains…"
          maxLength={longestPart}
          value={fields.person}
          onChange={({ target }) => set.person(target.value)}
        />
      </Field>
      <Field label="Group">
        <Select
          options={groups}
          value={fields.group || all}
          onValueChange={(value) => set.group(value === all ? "" : value, "push")}
        />
      </Field>
      <Field label="Server">
        <Input
          type="search"
          placeholder="Name contains…"
          maxLength={longestPart}
          value={fields.server}
          onChange={({ target }) => set.server(target.value)}
        />
      </Field>
      <Field label="Account">
        <Input
          type="search"
          placeholder="Name contains…"
          maxLength={longestPart}
          value={fields.account}
          onChange={({ target }) => set.account(target.value)}
        />
      </Field>
      <Field label="Outcome">
        <Select
          options={outcomes}
          value={fields.outcome || all}
          onValueChange={(value) => set.outcome(value === all ? "" : value, "push")}
        />
      </Field>
      <Field label="From">
        <Input type="date" value={fields.from} onChange={({ target }) => set.from(target.value)} />
      </Field>
      <Field label="To">
        <Input type="date" value={fields.to} onChange={({ target }) => set.to(target.value)} />
      </Field>
    </search>
  );
}
