import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { EffectiveAccess } from "@/lib/contracts/people/effective-access";

/** Each line with its reason. @param accounts whether calls use one */
export function EffectiveTable({
  caption,
  of,
  rows,
  accounts,
}: {
  caption: string;
  /** What a line is: "Person", "Assistant". */
  of: string;
  rows: readonly EffectiveAccess[];
  accounts: boolean;
}) {
  return (
    <Table caption={caption}>
      <TableHead>
        <TableHeader>{of}</TableHeader>
        <TableHeader>Access</TableHeader>
        <TableHeader>Reason</TableHeader>
        {accounts ? <TableHeader>Calls use</TableHeader> : null}
      </TableHead>
      <TableBody>
        {rows.map(({ id, name, email, may, reason, account }) => (
          <TableRow key={id}>
            <TableCell>
              <div className="min-w-0 [overflow-wrap:anywhere]">
                <p className="font-medium">{name}</p>
                {email ? <p className="text-muted text-xs">{email}</p> : null}
              </div>
            </TableCell>
            <TableCell label="Access">
              {may ? (
                <Badge tone="success" dot>
                  Yes
                </Badge>
              ) : (
                <Badge dot>No</Badge>
              )}
            </TableCell>
            <TableCell label="Reason" className="min-w-28 [overflow-wrap:anywhere]">
              {reason}
            </TableCell>
            {accounts ? (
              <TableCell label="Calls use" className="text-muted [overflow-wrap:anywhere]">
                {account ?? (may ? "No account" : "–")}
              </TableCell>
            ) : null}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
