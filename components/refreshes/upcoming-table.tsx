import Link from "next/link";
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
import type { UpcomingRefreshView } from "@/lib/contracts/connections/refresh";

export function UpcomingTable({
  upcoming,
  listed,
  refreshable,
  manages,
}: {
  upcoming: readonly UpcomingRefreshView[];
  /** Total without a search. */
  listed: number;
  refreshable: number;
  manages: boolean;
}) {
  if (upcoming.length === 0) {
    return (
      <p className="rounded-lg border border-border bg-surface px-4 py-3 text-muted text-sm">
        No accounts to refresh. They appear here after somebody authorizes, unless their tokens
        never expire.
      </p>
    );
  }
  return (
    <div className="grid gap-2">
      <Table caption="Upcoming refreshes">
        <TableHead>
          <TableHeader>MCP server</TableHeader>
          <TableHeader>Account</TableHeader>
          <TableHeader>Next refresh</TableHeader>
          <TableHeader>Token expires</TableHeader>
        </TableHead>
        <TableBody>
          {upcoming.map((each) => (
            <TableRow key={`${each.serverId}/${each.owner}`}>
              <TableCell label="MCP server">
                {manages ? (
                  <Link
                    data-row-link
                    href={`/mcp-servers/${each.serverId}`}
                    className={rowLinkStyles}
                  >
                    {each.serverName}
                  </Link>
                ) : (
                  each.serverName
                )}
              </TableCell>
              <TableCell label="Account">{each.owner}</TableCell>
              <TableCell label="Next refresh">
                <RelativeTime value={each.nextRefreshAt} />
              </TableCell>
              <TableCell label="Token expires">
                {each.expiresAt ? <RelativeTime value={each.expiresAt} /> : "No expiry"}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {refreshable > listed ? (
        <p className="text-faint text-xs">
          Showing {listed} of {refreshable}.
        </p>
      ) : null}
    </div>
  );
}
