"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import { useDeferredValue } from "react";
import { ConnectionsNav } from "@/components/connections/connections-nav";
import { useAuthorizationCompleted } from "@/components/connections/outcome-notice";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { matches } from "@/components/ui/list/search";
import { SearchWhenLong } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { Section } from "@/components/ui/section";
import type { ConnectionListItem } from "@/lib/contracts/connections/connection";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import { connectionsQuery } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";
import type { AuthorizationOutcome } from "./authorization-outcome";
import { connectionsPath, OwnConnectionRow, SharedConnectionRow } from "./connection-row";
import { OutcomeNotice } from "./outcome-notice";

export type ConnectionListProps = {
  managesServers: boolean;
  /** False: the viewer reads only. */
  connectsOwn: boolean;
  seesEveryones: boolean;
  outcome: AuthorizationOutcome;
  /** The server whose authorization ended with `outcome`. */
  outcomeServerId: string | null;
};

export function ConnectionList({
  managesServers,
  connectsOwn,
  seesEveryones,
  outcome,
  outcomeServerId,
}: ConnectionListProps) {
  const query = useQuery(connectionsQuery());
  const queryClient = useQueryClient();
  useAuthorizationCompleted(({ serverId }) => void mcpServerChanged(queryClient, serverId));
  const returnedFrom = query.data?.connections.find((each) => each.serverId === outcomeServerId);

  return (
    <Page>
      <PageHeader
        title="Connections"
        description="The accounts your assistants use to call tools."
      />
      {seesEveryones ? <ConnectionsNav /> : null}
      {query.isPending ? null : (
        <OutcomeNotice
          outcome={outcome}
          serverName={returnedFrom?.serverName}
          serverId={returnedFrom?.serverId}
          accountName={returnedFrom?.connection.accountName}
          accounts={returnedFrom?.connection.accounts}
          path="/connections"
          nameInTitle
          returnTo={returnedFrom ? connectionsPath(returnedFrom.serverId) : undefined}
        />
      )}
      {query.data ? (
        <Connections
          items={query.data.connections}
          managesServers={managesServers}
          connectsOwn={connectsOwn}
          askedServerId={outcome === null ? outcomeServerId : null}
        />
      ) : query.isError ? (
        <LoadProblem
          title="The connections could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <ConnectionListSkeleton />
      )}
    </Page>
  );
}

function Connections({
  items,
  managesServers,
  connectsOwn,
  askedServerId,
}: {
  items: readonly ConnectionListItem[];
  managesServers: boolean;
  connectsOwn: boolean;
  /** A link leads to it. */
  askedServerId: string | null;
}) {
  const [text, setText] = useUrlState("search");
  const sought = useDeferredValue(text);
  const found = items.filter(({ serverName, description, connection }) =>
    matches(sought, [serverName, description, connection.accountName]),
  );
  const own = found.filter((item) => accountUsed(item.tokenSharing) === "person");
  const shared = found.filter((item) => accountUsed(item.tokenSharing) === "team");

  if (items.length === 0) {
    return (
      <EmptyState
        icon={<KeyRound />}
        title="No connections yet"
        action={
          managesServers ? (
            <Button asChild>
              <Link href="/mcp-servers">Go to MCP Servers</Link>
            </Button>
          ) : null
        }
      >
        MCP servers that use OAuth 2.0 appear here with the account their calls use.
      </EmptyState>
    );
  }
  return (
    <>
      <SearchWhenLong
        label="Search connections"
        placeholder="Search by name or account"
        value={text}
        onChange={setText}
        found={{ count: found.length, of: items.length }}
      />
      {found.length === 0 ? (
        <NoMatch title="No connection matches" onClear={() => setText("")}>
          None of {counted(items.length, "connection", "connections")} has that in its name,
          description or account.
        </NoMatch>
      ) : null}
      {own.length > 0 ? (
        <Section
          title="Your accounts"
          description={
            connectsOwn
              ? "Calls to these servers use your own account. The chat asks you to connect on the first call that needs one."
              : "Calls to these servers use each person’s own account. Auditors cannot connect one."
          }
        >
          <Card>
            <ul className="divide-y divide-border">
              {own.map((item) => (
                <OwnConnectionRow
                  key={item.serverId}
                  item={item}
                  mayChange={connectsOwn}
                  asked={item.serverId === askedServerId}
                />
              ))}
            </ul>
          </Card>
        </Section>
      ) : null}
      {shared.length > 0 ? (
        <Section
          title="Shared by your team"
          description="One account for everybody, authorized by an admin."
        >
          <Card>
            <ul className="divide-y divide-border">
              {shared.map((item) => (
                <SharedConnectionRow
                  key={item.serverId}
                  item={item}
                  actions={
                    managesServers ? (
                      <Button asChild>
                        <Link href={`/mcp-servers/${item.serverId}`}>
                          Manage<span className="sr-only"> {item.serverName}</span>
                        </Link>
                      </Button>
                    ) : null
                  }
                />
              ))}
            </ul>
          </Card>
        </Section>
      ) : null}
    </>
  );
}

function ConnectionListSkeleton() {
  return (
    <div className="grid gap-3">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="grid gap-1.5">
        <Skeleton className="w-32" />
        <Skeleton className="w-full max-w-96" />
      </div>
      <div className="divide-y divide-border rounded-lg border border-border">
        {["w-32", "w-44"].map((width) => (
          <div key={width} className="flex items-center justify-between gap-6 px-4 py-4">
            <div className="grid flex-1 gap-2">
              <Skeleton className={width} />
              <Skeleton className="w-full max-w-80" />
            </div>
            <Skeleton className="h-8 w-28" />
          </div>
        ))}
      </div>
    </div>
  );
}
