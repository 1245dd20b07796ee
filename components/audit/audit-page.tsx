"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, ScrollText } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { LoadProblem } from "@/components/connections/load-problem";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import type { AuditFilters } from "@/lib/contracts/audit";
import { auditExportUrl, auditQuery } from "@/lib/queries/audit";
import { AuditFilterFields } from "./audit-filters";
import { AuditTable } from "./audit-table";

export function AuditPage() {
  const [filters, setFilters] = useState<AuditFilters>({});
  const wanted = useDeferredValue(filters);
  return (
    <Page>
      <PageHeader
        title="Audit"
        description="Who did what to which server, connection or person, when and from where. Nobody can change or delete it."
        actions={(["csv", "jsonl"] as const).map((format) => (
          <Button key={format} asChild>
            <a href={auditExportUrl(format, filters)} download>
              <Download aria-hidden="true" />
              {format.toUpperCase()}
            </a>
          </Button>
        ))}
      />
      <AuditFilterFields filters={filters} onChange={setFilters} />
      <Events filters={wanted} />
    </Page>
  );
}

function Events({ filters }: { filters: AuditFilters }) {
  const query = useInfiniteQuery(auditQuery(filters));
  if (query.isError) {
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
  const events = query.data.pages.flatMap((page) => page.events);
  if (events.length === 0) {
    return (
      <EmptyState icon={<ScrollText aria-hidden="true" />} title="Nothing fits">
        No event fits these filters. Widen them to see more.
      </EmptyState>
    );
  }
  return (
    <div className="grid justify-items-start gap-3 *:w-full">
      <AuditTable events={events} />
      {query.hasNextPage ? (
        <div>
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older events
          </Button>
        </div>
      ) : null}
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
