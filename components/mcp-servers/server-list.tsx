"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus, Search, Server } from "lucide-react";
import Link from "next/link";
import { useDeferredValue, useState } from "react";
import { LoadProblem } from "@/components/connections/load-problem";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { McpServerSummary } from "@/lib/contracts/mcp-server";
import { mcpServersQuery } from "@/lib/queries/mcp-servers";
import { ServerTable, ServerTableSkeleton } from "./server-table";
import { addressOf, counted } from "./server-words";

/** A shorter list is read faster than it is searched. */
const searchFrom = 9;

export function ServerList() {
  const query = useQuery(mcpServersQuery());
  const servers = query.data?.servers;

  return (
    <Page>
      <PageHeader
        title="MCP Servers"
        description="The servers your assistants may call, and the account each call acts as."
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

function NewServerButton() {
  return (
    <Button asChild variant="primary">
      <Link href="/mcp-servers/new">
        <Plus aria-hidden="true" />
        New MCP Server
      </Link>
    </Button>
  );
}

function SearchableServers({ servers }: { servers: readonly McpServerSummary[] }) {
  const [text, setText] = useState("");
  const sought = useDeferredValue(text).trim().toLowerCase();
  if (servers.length === 0) return <NoServers />;

  const found = servers.filter((server) =>
    `${server.name}\n${server.description}\n${addressOf(server)}`.toLowerCase().includes(sought),
  );
  return (
    <div className="grid gap-3">
      {servers.length >= searchFrom ? (
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1 sm:max-w-72">
            <Input
              type="search"
              aria-label="Search MCP servers"
              placeholder="Search by name or address"
              leading={<Search aria-hidden="true" />}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <p role="status" className="text-muted text-xs">
            {sought ? `${found.length} of ${servers.length}` : null}
            {sought ? <span className="sr-only"> servers found</span> : null}
          </p>
        </div>
      ) : null}
      {found.length > 0 ? (
        <ServerTable servers={found} />
      ) : (
        <EmptyState
          icon={<Search />}
          title="No server matches"
          action={<Button onClick={() => setText("")}>Clear the search</Button>}
        >
          None of {counted(servers.length, "server", "servers")} has that in its name, description
          or address.
        </EmptyState>
      )}
    </div>
  );
}

function NoServers() {
  return (
    <EmptyState
      icon={<Server />}
      title="Register your first MCP server"
      action={<NewServerButton />}
    >
      An MCP server offers tools: read a wiki page, open an issue, search files. Register it here
      with its sign-in, once. Your assistants then call its tools as the right account.
    </EmptyState>
  );
}
