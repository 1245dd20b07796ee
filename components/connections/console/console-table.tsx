"use client";

import { Ellipsis, KeyRound, Unplug } from "lucide-react";
import { useRef } from "react";
import { AskAgainDialog } from "@/components/connections/console/ask-again-dialog";
import { connectionName, ownerName } from "@/components/connections/console/impact";
import { accessFrom, StandingDetail, StatusBadge } from "@/components/connections/status-badge";
import { Badge } from "@/components/ui/badge";
import { IconButton } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/fields/checkbox";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { useMenuDialogs } from "@/components/ui/overlay/use-menu-dialogs";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { TextLink } from "@/components/ui/text/text-link";
import type { ConsoleConnection } from "@/lib/contracts/connections/connection-console";
import { oneLine } from "@/lib/untrusted-text";

export type Selection = {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  onRevoke: (row: ConsoleConnection) => void;
};

/** @param selection null: the viewer reads only */
export function ConsoleTable({
  rows,
  selection,
}: {
  rows: readonly ConsoleConnection[];
  selection: Selection | null;
}) {
  return (
    <Table caption="Connections">
      <TableHead>
        <TableHeader className="w-[20%]">Person</TableHeader>
        <TableHeader className="w-[20%]">MCP server</TableHeader>
        <TableHeader>Status</TableHeader>
        <TableHeader>Last used</TableHeader>
        <TableHeader>Connected</TableHeader>
        {selection ? (
          <TableHeader>
            <span className="sr-only">Actions</span>
          </TableHeader>
        ) : null}
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <ConnectionRow key={row.id} row={row} selection={selection} />
        ))}
      </TableBody>
    </Table>
  );
}

function ConnectionRow({
  row,
  selection,
}: {
  row: ConsoleConnection;
  selection: Selection | null;
}) {
  const { serverId, serverName, accountName, standing, lastError, lastUsedAt, since } = row;
  return (
    <TableRow>
      <TableCell className="py-2.5">
        {/* The menu is shown when rows are stacked. */}
        <div className="flex min-w-0 items-start gap-3 @max-2xl:pr-12">
          {selection ? (
            <Checkbox
              label={<span className="sr-only">Select {connectionName(row)}</span>}
              checked={selection.ids.has(row.id)}
              onChange={() => selection.toggle(row.id)}
            />
          ) : null}
          <Owner row={row} />
        </div>
      </TableCell>
      <TableCell label="MCP server">
        <div className="min-w-0 [overflow-wrap:anywhere]">
          {selection ? (
            <TextLink href={`/mcp-servers/${serverId}`}>{oneLine(serverName)}</TextLink>
          ) : (
            oneLine(serverName)
          )}
          {accountName ? (
            <p className="text-muted text-xs">
              <bdi>{oneLine(accountName)}</bdi>
            </p>
          ) : null}
        </div>
      </TableCell>
      <TableCell label="Status">
        <div className="grid min-w-0 justify-items-start gap-1">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <StatusBadge status={standing.status} from={accessFrom(standing)} />
            <span className="text-muted text-xs">
              <StandingDetail standing={standing} />
            </span>
          </span>
          {lastError ? (
            <p
              className="line-clamp-2 text-muted text-xs [overflow-wrap:anywhere]"
              title={oneLine(lastError.reason)}
            >
              {oneLine(lastError.reason)}
            </p>
          ) : null}
        </div>
      </TableCell>
      <TableCell label="Last used" className="whitespace-nowrap text-muted">
        {lastUsedAt ? <RelativeTime value={lastUsedAt} tense="past" /> : "Never"}
      </TableCell>
      <TableCell label="Connected" className="whitespace-nowrap text-muted">
        <RelativeTime value={since} tense="past" />
      </TableCell>
      {selection ? (
        <TableCell actions>
          <ConnectionMenu row={row} onRevoke={selection.onRevoke} />
        </TableCell>
      ) : null}
    </TableRow>
  );
}

function Owner({ row }: { row: ConsoleConnection }) {
  const { person, authorizedBy } = row;
  return (
    <div className="min-w-0 [overflow-wrap:anywhere]">
      <p className="flex flex-wrap items-center gap-x-2">
        <span className="font-medium">{ownerName(row)}</span>
        {person?.disabled ? <Badge dot>Disabled</Badge> : null}
        {row.isKey ? <Badge>Key</Badge> : null}
      </p>
      <p className="text-muted text-xs">
        {person ? oneLine(person.email) : authorizedBy ? `by ${oneLine(authorizedBy)}` : null}
      </p>
    </div>
  );
}

function ConnectionMenu({
  row,
  onRevoke,
}: {
  row: ConsoleConnection;
  onRevoke: (row: ConsoleConnection) => void;
}) {
  const { item, dialog, onCloseAutoFocus } = useMenuDialogs<"ask">();
  // The page owns that dialog: this row may be gone when it shows the results.
  const revokes = useRef(false);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label={`Actions for ${connectionName(row)}`} size="sm">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          onCloseAutoFocus={() => {
            onCloseAutoFocus();
            if (revokes.current) onRevoke(row);
            revokes.current = false;
          }}
        >
          {row.person?.disabled || row.managedByOrganization ? null : (
            <DropdownMenuItem icon={<KeyRound />} {...item("ask")}>
              Ask to authorize again…
            </DropdownMenuItem>
          )}
          <DropdownMenuItem
            icon={<Unplug />}
            tone="danger"
            onSelect={() => {
              revokes.current = true;
            }}
          >
            Revoke…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <AskAgainDialog row={row} {...dialog("ask")} />
    </>
  );
}
