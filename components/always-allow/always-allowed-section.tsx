"use client";

import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/ui/card";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Section } from "@/components/ui/section";
import { alwaysAllowedQuery } from "@/lib/queries/always-allowed";
import { AlwaysAllowedList } from "./always-allowed-list";

/** One's own. */
export function AlwaysAllowedSection() {
  const query = useQuery(alwaysAllowedQuery(null));
  const tools = query.data?.tools;
  return (
    <Section title="Always allowed tools" description="They run in the chat without asking you.">
      {tools ? (
        tools.length > 0 ? (
          <AlwaysAllowedList userId={null} tools={tools} />
        ) : (
          <p className="text-muted text-sm">
            No tools yet. Where an assistant permits it, you can choose this when a call asks.
          </p>
        )
      ) : query.isError ? (
        <LoadProblem
          title="Your always allowed tools could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <Card>
          <div className="grid gap-2 px-4 py-3.5">
            <Skeleton className="w-40" />
            <Skeleton className="h-3 w-56" />
          </div>
        </Card>
      )}
    </Section>
  );
}

/** Another person's, on their page. Renders nothing where there are none. */
export function PersonsAlwaysAllowed({ userId }: { userId: string }) {
  const query = useQuery(alwaysAllowedQuery(userId));
  const { data } = query;
  if (data?.tools.length === 0 || query.isPending) return null;
  return (
    <Section title="Always allowed tools" description="They run in the chat without asking.">
      {data ? (
        <AlwaysAllowedList userId={userId} tools={data.tools} />
      ) : (
        <LoadProblem
          title="Always allowed tools could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      )}
    </Section>
  );
}
