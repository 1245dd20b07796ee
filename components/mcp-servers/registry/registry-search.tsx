"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { newServerPath } from "@/components/mcp-servers/choice/new-server-path";
import { Badge } from "@/components/ui/badge";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/fields/input";
import { ShowMore } from "@/components/ui/list/show-more";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { longestRegistrySearch, type RegistryServer } from "@/lib/contracts/catalogue/registry";
import { registrySearchQuery } from "@/lib/queries/registry";

export function RegistryHeader({
  title,
  description,
  ofServer = false,
}: {
  title: string;
  description: string;
  ofServer?: boolean;
}) {
  const pages = [
    { label: "MCP Servers", href: "/mcp-servers" },
    { label: "New MCP Server", href: "/mcp-servers/new" },
    ...(ofServer ? [{ label: "MCP registry", href: newServerPath({ registry: "" }) }] : []),
  ];
  return (
    <PageHeader
      title={title}
      description={description}
      breadcrumbs={<Breadcrumbs pages={pages} />}
    />
  );
}

/** Queries the registry when a person searches, and not before. */
export function RegistrySearch({ host }: { host: string }) {
  const [asked, setAsked] = useUrlState("search");
  const search = asked.trim().slice(0, longestRegistrySearch);
  const query = useInfiniteQuery(registrySearchQuery(search));
  const servers = query.data?.pages.flatMap((page) => page.servers) ?? [];
  const leftOut = query.data?.pages.flatMap((page) => page.leftOut) ?? [];
  return (
    <Page width="narrow">
      <RegistryHeader title="MCP registry" description={`Servers that are listed at ${host}.`} />
      <SearchForm key={search} asked={search} busy={query.isFetching} onSearch={setAsked} />
      <p role="status" className="sr-only">
        {query.data ? `${servers.length} servers found` : null}
      </p>
      {search === "" ? (
        <EmptyState icon={<Search />} title="Search the registry">
          By a part of a server’s name, such as “github”.
        </EmptyState>
      ) : query.isError && !query.data ? (
        <LoadProblem
          title="The registry could not be searched"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : !query.data ? (
        <RowsSkeleton />
      ) : servers.length === 0 ? (
        <NoMatch title="No server matches" onClear={() => setAsked("")}>
          The registry lists no server with “{search}” in its name.
        </NoMatch>
      ) : (
        <div className="grid gap-3">
          <Card>
            <ul className="divide-y divide-border">
              {servers.map((server) => (
                <ServerRow
                  key={server.name}
                  server={server}
                  href={newServerPath({ registry: server.name })}
                />
              ))}
            </ul>
          </Card>
          <ShowMore
            query={query}
            label="Show more servers"
            onMore={() => void query.fetchNextPage()}
          />
        </div>
      )}
      {leftOut.length > 0 ? (
        <details className="text-muted text-sm">
          <summary className="cursor-pointer">Left out: {leftOut.length}</summary>
          <ul className="mt-1 list-disc pl-5">
            {leftOut.map((reason, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a reason may come twice
              <li key={at}>{reason}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </Page>
  );
}

function SearchForm({
  asked,
  busy,
  onSearch,
}: {
  asked: string;
  busy: boolean;
  onSearch: (search: string, how: "push") => void;
}) {
  const [text, setText] = useState(asked);
  function submit(event: FormEvent) {
    event.preventDefault();
    onSearch(text.trim(), "push");
  }
  return (
    <search>
      <form onSubmit={submit} className="flex gap-2">
        <div className="min-w-0 flex-1">
          <Input
            type="search"
            aria-label="Search the MCP registry"
            placeholder="Name of a server"
            maxLength={longestRegistrySearch}
            leading={<Search aria-hidden="true" />}
            value={text}
            onChange={({ target }) => setText(target.value)}
            autoFocus
          />
        </div>
        <Button type="submit" variant="primary" loading={busy}>
          Search
        </Button>
      </form>
    </search>
  );
}

function ServerRow({ server, href }: { server: RegistryServer; href: string }) {
  const { name, title, description, version, status, remotes } = server;
  return (
    <li>
      <Link
        href={href}
        className="grid gap-0.5 px-4 py-3 text-sm hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span className="flex flex-wrap items-baseline gap-x-2">
          <bdi className="font-medium [overflow-wrap:anywhere]">{title}</bdi>
          <span className="text-muted text-xs">{version}</span>
          {status === "deprecated" ? <Badge tone="warning">Deprecated</Badge> : null}
          {remotes.length === 0 ? <Badge>No URL</Badge> : null}
        </span>
        <bdi className="font-mono text-muted text-xs tracking-tight [overflow-wrap:anywhere]">
          {name}
        </bdi>
        {description ? (
          <bdi className="line-clamp-2 text-muted [overflow-wrap:anywhere]">{description}</bdi>
        ) : null}
      </Link>
    </li>
  );
}

function RowsSkeleton() {
  return (
    <div className="divide-y divide-border rounded-lg border border-border">
      <p role="status" className="sr-only">
        Searching
      </p>
      {["w-32", "w-44", "w-36"].map((width) => (
        <div key={width} className="grid gap-1.5 px-4 py-3.5">
          <Skeleton className={width} />
          <Skeleton className="h-3 w-48 max-w-full" />
        </div>
      ))}
    </div>
  );
}
