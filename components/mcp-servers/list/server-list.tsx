"use client";

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useDeferredValue } from "react";
import { addressOf } from "@/components/mcp-servers/server-words";
import { isSearched, matches } from "@/components/ui/list/search";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { McpServerSummary } from "@/lib/contracts/servers/mcp-server";
import { mcpServersQuery } from "@/lib/queries/mcp-servers";
import { NewServerButton } from "./new-server-button";
import type { NoServerProps } from "./no-server";
import { ServerTable, ServerTableSkeleton } from "./server-table";

// With few servers neither is shown, so they are not in the page's first JavaScript.
const SearchField = lazy(() =>
  import("@/components/ui/list/search-field").then((module) => ({ default: module.SearchField })),
);
const NoServer = lazy(() => import("./no-server").then((module) => ({ default: module.NoServer })));

export function ServerList() {
  const query = useQuery(mcpServersQuery());
  const servers = query.data?.servers;

  return (
    <Page>
      <PageHeader
        title="MCP Servers"
        description="The servers your assistants can call, and the accounts they use."
        actions={servers?.length === 0 ? null : <NewServerButton />}
      />
      {servers ? (
        <SearchableServers servers={servers} />
      ) : query.isError ? (
        <LoadProblem
          title="The MCP servers could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <ServerTableSkeleton />
      )}
    </Page>
  );
}

function SearchableServers({ servers }: { servers: readonly McpServerSummary[] }) {
  const [text, setText] = useUrlState("search");
  const sought = useDeferredValue(text);
  if (servers.length === 0) return <Nothing found={null} />;

  const found = servers.filter((server) =>
    matches(sought, [server.name, server.description, addressOf(server)]),
  );
  return (
    <div className="grid gap-3">
      {isSearched(servers.length, text) ? (
        <Suspense fallback={<div className="h-8 pointer-coarse:h-10" />}>
          <SearchField
            label="Search MCP servers"
            placeholder="Search by name or address"
            value={text}
            onChange={setText}
            found={{ count: found.length, of: servers.length }}
          />
        </Suspense>
      ) : null}
      {found.length > 0 ? (
        <ServerTable servers={found} />
      ) : (
        <Nothing found={{ of: servers.length, onClear: () => setText("") }} />
      )}
    </div>
  );
}

function Nothing({ found }: { found: NoServerProps["found"] }) {
  return (
    <Suspense fallback={null}>
      <NoServer found={found} />
    </Suspense>
  );
}
