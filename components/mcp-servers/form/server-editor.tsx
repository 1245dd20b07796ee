"use client";

import { useQuery } from "@tanstack/react-query";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { mcpServerQuery, mcpServersQuery } from "@/lib/queries/mcp-servers";
import { mcpServerFormContextQuery } from "@/lib/queries/server-form";
import { ServerForm } from "./server-form";

/** Every setting of a new server. */
export function WholeForm({
  values,
}: {
  /** A URL given without what it leads to is looked up at once. Null: not known yet. */
  values: McpServerInput | null;
}) {
  const context = useQuery(mcpServerFormContextQuery());
  const existing = useQuery(mcpServersQuery());
  return (
    <Page width="narrow">
      <PageHeader
        title="Add an MCP server"
        description="Add a server once. Assistants then call its tools with the right account."
        breadcrumbs={
          <Breadcrumbs
            pages={[
              { label: "MCP Servers", href: "/mcp-servers" },
              { label: "New MCP Server", href: "/mcp-servers/new" },
            ]}
          />
        }
      />
      {context.data && existing.data && values ? (
        <ServerForm
          server={null}
          context={context.data}
          start={{
            values,
            discover: values.url !== "" && values.oauth.tokenEndpoint === "",
            takenNames: existing.data.servers.map(({ name }) => name),
          }}
        />
      ) : (
        <FormLoading queries={[context, existing]} />
      )}
    </Page>
  );
}

export function EditServer({ serverId }: { serverId: string }) {
  const context = useQuery(mcpServerFormContextQuery());
  // An edit starts with what is stored now, not with what an earlier page has cached.
  const server = useQuery({ ...mcpServerQuery(serverId), refetchOnMount: "always" });
  const ready = context.data && server.data && server.isFetchedAfterMount;
  return (
    <Page width="narrow">
      <PageHeader
        title={server.data ? `Edit ${server.data.name}` : "Edit MCP server"}
        breadcrumbs={
          <Breadcrumbs
            pages={[
              { label: "MCP Servers", href: "/mcp-servers" },
              { label: server.data?.name ?? "Server", href: `/mcp-servers/${serverId}` },
            ]}
          />
        }
      />
      {ready ? (
        <ServerForm server={server.data} context={context.data} />
      ) : (
        <FormLoading queries={[context, server]} />
      )}
    </Page>
  );
}

type Loading = {
  isError: boolean;
  error: Error | null;
  isFetching: boolean;
  refetch: () => Promise<unknown>;
};

export function FormLoading({ queries }: { queries: readonly Loading[] }) {
  const failed = queries.find((query) => query.isError && query.error);
  if (failed?.error) {
    return (
      <LoadProblem
        title="The form could not be loaded"
        error={failed.error}
        retrying={failed.isFetching}
        onRetry={() => {
          for (const query of queries) if (query.isError) void query.refetch();
        }}
      />
    );
  }
  return (
    <div className="grid gap-8">
      <p role="status" className="sr-only">
        Loading
      </p>
      {[2, 2].map((fields, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places, not things
        <div key={index} aria-hidden="true" className="grid gap-4">
          <Skeleton className="h-5 w-28" />
          {Array.from({ length: fields }, (_, field) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: places, not things
            <div key={field} className="grid gap-2">
              <Skeleton className="w-20" />
              <Skeleton className="h-8 w-full" />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
