"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { Card } from "@/components/ui/card";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/fields/select";
import { ShowMore } from "@/components/ui/list/show-more";
import { useLoadedPages, useUrlPages } from "@/components/ui/list/use-loaded-pages";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Section } from "@/components/ui/section";
import { deliveryState, type WebhookView } from "@/lib/contracts/webhooks";
import { deliveriesQuery } from "@/lib/queries/webhooks";
import { DeliveryRow } from "./delivery-row";
import { deliveryStates } from "./webhook-words";

const all = "all";
const options = [
  { value: all, label: "All deliveries" },
  ...deliveryState.options.map((value) => ({ value, label: deliveryStates[value].label })),
];

/** What was sent, newest first. The filter and the number of pages are in the URL. */
export function Deliveries({ webhook }: { webhook: WebhookView }) {
  const [shown, setShown] = useUrlState("state");
  const [pages, setPages] = useUrlPages("pages");
  const state = deliveryState.options.find((each) => each === shown) ?? null;

  function show(value: string, how: "push" | "replace") {
    setShown(value === all ? "" : value, how);
    setPages(1);
  }

  return (
    <Section
      title="Deliveries"
      description="The last 30 days, newest first."
      actions={
        <div className="w-40">
          <Select
            aria-label="Filter deliveries"
            options={options}
            value={state ?? all}
            onValueChange={(value) => show(value, "push")}
          />
        </div>
      }
    >
      <Rows
        webhook={webhook}
        state={state}
        pages={pages}
        onPages={setPages}
        onClear={() => show(all, "replace")}
      />
    </Section>
  );
}

function Rows({
  webhook,
  state,
  pages,
  onPages,
  onClear,
}: {
  webhook: WebhookView;
  state: (typeof deliveryState.options)[number] | null;
  pages: number;
  onPages: (pages: number) => void;
  onClear: () => void;
}) {
  const query = useInfiniteQuery(deliveriesQuery(webhook.id, state));
  useLoadedPages(query, pages);
  const loaded = query.data?.pages;
  if (!loaded) {
    return query.isError ? (
      <LoadProblem
        title="The deliveries could not be loaded"
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <Skeleton className="h-48 w-full" />
    );
  }
  const rows = loaded.flatMap(({ deliveries }) => deliveries);
  if (rows.length === 0) {
    return state ? (
      <NoMatch title="No matches" onClear={onClear}>
        No delivery has this status.
      </NoMatch>
    ) : (
      <EmptyState icon={<Inbox />} title="Nothing sent yet">
        Send a test event to see whether your receiver gets it.
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-3">
      <Card>
        <ul className="divide-y divide-border">
          {rows.map((row) => (
            <DeliveryRow key={row.id} webhook={webhook} delivery={row} />
          ))}
        </ul>
      </Card>
      <ShowMore
        query={query}
        label="Show older deliveries"
        onMore={() => {
          onPages(loaded.length + 1);
          void query.fetchNextPage();
        }}
      />
    </div>
  );
}
