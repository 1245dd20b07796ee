"use client";

import { CircleAlert } from "lucide-react";
import Link from "next/link";
import { accessFrom, StandingDetail, StatusBadge } from "@/components/connections/status-badge";
import {
  addressOf,
  authenticationNames,
  tokenSharingNames,
  transportNames,
} from "@/components/mcp-servers/server-words";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/components/ui/class-names";
import { Skeleton } from "@/components/ui/loading";
import {
  rowLinkStyles,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { isStored } from "@/lib/contracts/connections/connection-standing";
import { formatNumber } from "@/lib/contracts/format";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import type { McpServerSummary } from "@/lib/contracts/servers/mcp-server";

export function ServerTable({ servers }: { servers: readonly McpServerSummary[] }) {
  return (
    <Table caption="MCP servers">
      <Columns />
      <TableBody>
        {servers.map((server) => (
          <ServerRow key={server.id} server={server} />
        ))}
      </TableBody>
    </Table>
  );
}

function Columns() {
  return (
    <TableHead>
      <TableHeader>Name</TableHeader>
      <TableHeader>Address</TableHeader>
      <TableHeader>Authentication</TableHeader>
      <TableHeader>Status</TableHeader>
      <TableHeader className="text-right">Tools</TableHeader>
    </TableHead>
  );
}

const cell = "@2xl:py-2.5 @2xl:align-top";

function ServerRow({ server }: { server: McpServerSummary }) {
  const { id, name, description, lastError, standing, health, tokenSharing } = server;
  const status = (standing ?? health)?.status;
  const isOwn = tokenSharing && accountUsed(tokenSharing) === "person";
  return (
    <TableRow>
      <TableCell className={cn(cell, "@2xl:w-2/5 @2xl:max-w-0")}>
        <div className="grid w-full min-w-0 grid-cols-[minmax(0,1fr)]">
          <Link data-row-link href={`/mcp-servers/${id}`} className={rowLinkStyles}>
            <span className="block truncate">{name}</span>
          </Link>
          {description ? <p className="truncate text-muted text-xs">{description}</p> : null}
          {lastError ? (
            <p
              className={cn(
                "mt-1 flex items-start gap-1.5 text-xs",
                standing?.status === "retrying" ? "text-warning-text" : "text-danger-text",
              )}
            >
              <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
              <span className="line-clamp-3 [overflow-wrap:anywhere]">{lastError}</span>
            </p>
          ) : null}
        </div>
      </TableCell>
      <TableCell label="Address" className={cn(cell, "@2xl:w-1/4 @2xl:max-w-0")}>
        <div className="min-w-0">
          <p className="text-xs">{transportNames[server.transport]}</p>
          <p className="truncate font-mono text-muted text-xs tracking-tight">
            {addressOf(server)}
          </p>
        </div>
      </TableCell>
      <TableCell label="Authentication" className={cn(cell, "@2xl:whitespace-nowrap")}>
        <div className="min-w-0 @max-2xl:flex @max-2xl:gap-1.5">
          <p className="text-xs">{authenticationNames[server.authentication]}</p>
          {tokenSharing ? (
            <p className="text-muted text-xs">{tokenSharingNames[tokenSharing]}</p>
          ) : null}
        </div>
      </TableCell>
      <TableCell label="Status" className={cell}>
        {server.switchedOffAt !== null ? (
          <Badge>Off</Badge>
        ) : status ? (
          <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 @2xl:flex-col @2xl:items-start">
            <StatusBadge status={status} from={standing ? accessFrom(standing) : undefined} />
            <span className="text-muted text-xs empty:hidden">
              {isOwn ? "Your account" : null}
              {isOwn && standing && isStored(standing) ? " · " : null}
              {standing ? <StandingDetail standing={standing} /> : null}
              {health?.answeredAt ? (
                <>
                  Last answer <RelativeTime value={health.answeredAt} tense="past" />
                </>
              ) : null}
            </span>
          </div>
        ) : null}
      </TableCell>
      <TableCell
        label="Tools"
        className={cn(cell, "@2xl:text-right", server.toolCount === null && "@max-2xl:hidden")}
      >
        {server.toolCount === null ? (
          <span className="text-faint">
            <span aria-hidden="true">–</span>
            <span className="sr-only">Not loaded yet</span>
          </span>
        ) : (
          formatNumber(server.toolCount)
        )}
      </TableCell>
    </TableRow>
  );
}

export function ServerTableSkeleton() {
  return (
    <>
      <p role="status" className="sr-only">
        Loading
      </p>
      <div
        aria-hidden="true"
        className="divide-y divide-border rounded-lg border border-border bg-surface"
      >
        <div className="h-8 rounded-t-lg bg-sunken" />
        {["w-28", "w-40", "w-32"].map((width) => (
          <div key={width} className="flex h-14 items-center gap-8 px-4">
            <div className="grid flex-1 gap-1.5">
              <Skeleton className={width} />
              <Skeleton className="h-3 w-full max-w-64" />
            </div>
            <Skeleton className="w-44 max-md:hidden" />
            <Skeleton className="h-5 w-24 rounded-full" />
          </div>
        ))}
      </div>
    </>
  );
}
