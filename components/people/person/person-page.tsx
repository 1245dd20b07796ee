"use client";

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { PersonsAlwaysAllowed } from "@/components/always-allow/always-allowed-section";
import { AuditTable } from "@/components/audit/audit-table";
import { PersonMenu } from "@/components/people/person-menu";
import { roleWords } from "@/components/people/role-words";
import { Badge } from "@/components/ui/badge";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import { TextLink } from "@/components/ui/text/text-link";
import type { Person } from "@/lib/contracts/people/person";
import type { PersonPage as PersonPageData } from "@/lib/contracts/people/person-page";
import { personQuery, receiptsUrl } from "@/lib/queries/person";
import { AccountsTable } from "./accounts-table";
import { ReceiptsTable } from "./receipts-table";
import { SessionsTable } from "./sessions-table";

export function PersonPage({ userId, viewerId }: { userId: string; viewerId: string }) {
  const query = useQuery(personQuery(userId));
  const { data } = query;
  if (data?.person) return <Loaded page={data} person={data.person} viewerId={viewerId} />;
  if (data) return <Deleted page={data} userId={userId} />;
  return (
    <Page>
      <PageHeader title="Person" breadcrumbs={<Breadcrumbs pages={above} />} />
      {query.isError ? (
        <LoadProblem
          title="This person could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <div className="grid gap-3" role="status">
          <span className="sr-only">Loading</span>
          {["w-44", "w-64", "w-32"].map((width) => (
            <Skeleton key={width} className={width} />
          ))}
        </div>
      )}
    </Page>
  );
}

const above = [{ label: "People", href: "/people" }];

function Loaded({
  page,
  person,
  viewerId,
}: {
  page: PersonPageData;
  person: Person;
  viewerId: string;
}) {
  const { accounts, sessions, sharedServers } = page;
  const receipts =
    page.receipts.length > 0 ? <Receipts userId={person.id} receipts={page.receipts} /> : null;
  const you = person.id === viewerId;
  return (
    <Page>
      <PageHeader
        title={person.name}
        description={<span className="[overflow-wrap:anywhere]">{person.email}</span>}
        breadcrumbs={<Breadcrumbs pages={above} />}
        badges={
          <>
            {you ? <Badge tone="accent">You</Badge> : null}
            <Badge>{roleWords[person.role].label}</Badge>
            {person.twoFactor ? <Badge>2FA</Badge> : null}
            <Badge tone={person.disabled ? "neutral" : "success"} dot>
              {person.disabled ? "Disabled" : "Active"}
            </Badge>
          </>
        }
        actions={
          <>
            <Button asChild>
              <Link href={`/people/${person.id}/access`}>Access</Link>
            </Button>
            {you ? null : <PersonMenu person={person} size="md" />}
          </>
        }
      />
      {person.disabled ? receipts : null}
      <Listed title="Accounts" empty="No accounts connected." count={accounts.length}>
        <AccountsTable accounts={accounts} />
      </Listed>
      {sharedServers.length > 0 ? (
        <Section
          title="Shared accounts they authorized"
          description="They keep working without this person. To hand one over, authorize it yourself."
        >
          <ul className="grid gap-1 text-sm">
            {sharedServers.map(({ serverId, serverName }) => (
              <li key={serverId}>
                <TextLink href={`/mcp-servers/${serverId}`}>{serverName}</TextLink>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      <Listed title="Sessions" empty="Not signed in anywhere." count={sessions.length}>
        <SessionsTable userId={person.id} sessions={sessions} />
      </Listed>
      <PersonsAlwaysAllowed userId={person.id} />
      <LastCalls page={page} />
      {person.disabled ? null : receipts}
    </Page>
  );
}

function Deleted({ page, userId }: { page: PersonPageData; userId: string }) {
  return (
    <Page>
      <PageHeader
        title="Deleted person"
        description="Their account in Usher is gone. The receipts stay as long as the audit."
        breadcrumbs={<Breadcrumbs pages={above} />}
      />
      <Receipts userId={userId} receipts={page.receipts} />
      <LastCalls page={page} />
    </Page>
  );
}

function Receipts({ userId, receipts }: { userId: string; receipts: PersonPageData["receipts"] }) {
  return (
    <Section
      title="Receipts"
      description="What each provider answered when an account was revoked."
      actions={
        <Button asChild size="sm">
          <a href={receiptsUrl(userId)} download>
            <Download aria-hidden="true" />
            Export CSV
          </a>
        </Button>
      }
    >
      <ReceiptsTable receipts={receipts} />
    </Section>
  );
}

function LastCalls({ page: { calls } }: { page: PersonPageData }) {
  return (
    <Listed title="Recent tool calls" empty="No tool calls yet." count={calls.length}>
      <AuditTable events={calls} />
    </Listed>
  );
}

function Listed({
  title,
  empty,
  count,
  children,
}: {
  title: string;
  empty: string;
  count: number;
  children: ReactNode;
}) {
  return (
    <Section title={title}>
      {count > 0 ? children : <p className="text-muted text-sm">{empty}</p>}
    </Section>
  );
}
