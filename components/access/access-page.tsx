"use client";

import { useQuery } from "@tanstack/react-query";
import { AccessCard } from "@/components/access/access-card";
import { EffectiveTable } from "@/components/access/effective-table";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { accessSettingQuery, serverAccessQuery } from "@/lib/queries/access";

const places = {
  assistants: { label: "Assistants", href: "/assistants" },
  "mcp-servers": { label: "MCP Servers", href: "/mcp-servers" },
} as const;

/** Who may use one assistant or MCP server. */
export function AccessPage({ kind, id }: { kind: keyof typeof places; id: string }) {
  const query = useQuery(accessSettingQuery({ kind, id }));
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
        <AccessCard of={{ kind, id }} setting={query.data} />
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
      {kind === "mcp-servers" ? <PeopleWithAccess serverId={id} /> : null}
    </Page>
  );
}

function PeopleWithAccess({ serverId }: { serverId: string }) {
  const query = useQuery(serverAccessQuery(serverId));
  if (!query.data) return null;
  const { people, cut } = query.data;
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
