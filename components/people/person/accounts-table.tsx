import Link from "next/link";
import { accessFrom, StatusBadge } from "@/components/connections/status-badge";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { PersonAccount } from "@/lib/contracts/people/person-page";

export function AccountsTable({ accounts }: { accounts: readonly PersonAccount[] }) {
  return (
    <Table caption="Accounts by server">
      <TableHead>
        <TableHeader>MCP server</TableHeader>
        <TableHeader>Account</TableHeader>
        <TableHeader>Status</TableHeader>
        <TableHeader>Connected</TableHeader>
      </TableHead>
      <TableBody>
        {accounts.map(({ serverId, serverName, kind, accountName, standing, since }) => (
          <TableRow key={`${kind}/${serverId}`}>
            <TableCell className="[overflow-wrap:anywhere]">
              <Link href={`/mcp-servers/${serverId}`} className="rounded-xs font-medium">
                {serverName}
              </Link>
            </TableCell>
            <TableCell label="Account" className="text-muted [overflow-wrap:anywhere]">
              <bdi>{accountName ?? (kind === "key" ? "API key" : "Unknown")}</bdi>
            </TableCell>
            <TableCell label="Status">
              {standing ? (
                <StatusBadge status={standing.status} from={accessFrom(standing)} />
              ) : (
                <Badge dot>Key stored</Badge>
              )}
            </TableCell>
            <TableCell label="Connected" className="whitespace-nowrap text-muted">
              <RelativeTime value={since} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
