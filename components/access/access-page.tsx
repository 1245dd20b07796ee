"use client";

import { useQuery } from "@tanstack/react-query";
import { AccessCard } from "@/components/access/access-card";
import { EffectiveTable } from "@/components/access/effective-table";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { ServerAccess } from "@/lib/contracts/people/effective-access";
import { accessSettingQuery, serverAccessQuery } from "@/lib/queries/access";

const places = {
  assistants: { label: "Assistants", href: "/assistants" },
  "mcp-servers": { label: "MCP Servers", href: "/mcp-servers" },
} as const;

/** Who may use one assistant or MCP server. */
export function AccessPage({ kind, id }: { kind: keyof typeof places; id: string }) {
  const query = useQuery(accessSettingQuery({ kind, id }));
  const people = useQuery({ ...serverAccessQuery(id), enabled: kind === "mcp-servers" });
  const place = places[kind];
  const name = query.data?.name;
  return (
    <Page width="narrow">
      <PageHeader
        title="Access"
        description={name ? `Who may use ${name}.` : undefined}
        breadcrumbs={
          <Breadcrumbs
            pages={[place, ...(name ? [{ label: name, href: `${place.href}/${id}` }] : [])]}
          />
        }
      />
      {query.data ? (
        <>
          <AccessCard of={{ kind, id }} setting={query.data} />
          {people.data ? (
            <PeopleWithAccess {...people.data} />
          ) : people.isError ? (
            <LoadProblem
              title="The people could not be loaded"
              error={people.error}
              retrying={people.isFetching}
              onRetry={() => void people.refetch()}
            />
          ) : null}
        </>
      ) : query.isError ? (
        <LoadProblem
          title="The access could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <LoadingCard />
      )}
    </Page>
  );
}

/** Below the setting, so that it is never shown before it: it would move. */
function PeopleWithAccess({ people, cut }: ServerAccess) {
  return (
    <Section
      title="People"
      description="Each person, why they have access, and the account that their calls use."
    >
      <EffectiveTable caption="People and their access" of="Person" rows={people} accounts />
      {cut ? <p className="text-faint text-xs">The first {people.length} people.</p> : null}
    </Section>
  );
}

export function LoadingCard() {
  return (
    <div className="grid gap-2">
      <p role="status" className="sr-only">
        Loading
      </p>
      <Skeleton className="h-40 w-full" />
    </div>
  );
}
