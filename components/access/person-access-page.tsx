"use client";

import { useQuery } from "@tanstack/react-query";
import { LoadingCard } from "@/components/access/access-page";
import { EffectiveTable } from "@/components/access/effective-table";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { LoadProblem } from "@/components/ui/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { EffectiveAccess } from "@/lib/contracts/people/effective-access";
import { personAccessQuery } from "@/lib/queries/access";

/** What one person may use, and why. */
export function PersonAccessPage({ userId }: { userId: string }) {
  const query = useQuery(personAccessQuery(userId));
  const { person, assistants, servers } = query.data ?? {};
  return (
    <Page>
      <PageHeader
        title="Access"
        description={person ? `What ${person.name} may use, and why.` : undefined}
        breadcrumbs={
          <Breadcrumbs
            pages={[
              { label: "People", href: "/people" },
              ...(person ? [{ label: person.name, href: `/people/${userId}` }] : []),
            ]}
          />
        }
      />
      {assistants && servers ? (
        <>
          <Section title="Assistants">
            <Rows of="Assistant" rows={assistants} accounts={false} />
          </Section>
          <Section title="MCP servers">
            <Rows of="MCP server" rows={servers} accounts />
          </Section>
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

function Rows(props: { of: string; rows: readonly EffectiveAccess[]; accounts: boolean }) {
  if (props.rows.length === 0) return <p className="text-muted text-sm">None yet.</p>;
  return <EffectiveTable caption={`${props.of}s and this person's access`} {...props} />;
}
