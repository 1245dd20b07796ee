import { Badge, type Tone } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { Receipt } from "@/lib/contracts/people/person-page";

const looks = {
  pending: { tone: "warning", label: "Trying again" },
  revoked: { tone: "success", label: "Revoked" },
  no_endpoint: { tone: "neutral", label: "Deleted here" },
  refused: { tone: "danger", label: "Refused" },
  gave_up: { tone: "danger", label: "Gave up" },
  authorized_again: { tone: "neutral", label: "Authorized again" },
} as const satisfies Record<Receipt["outcome"], { tone: Tone; label: string }>;

/** What each provider answered. */
export function ReceiptsTable({ receipts }: { receipts: readonly Receipt[] }) {
  return (
    <Table caption="Revoked accounts, newest first">
      <TableHead>
        <TableHeader>Account</TableHeader>
        <TableHeader>Outcome</TableHeader>
        <TableHeader className="w-[36%]">Answer</TableHeader>
        <TableHeader>When</TableHeader>
      </TableHead>
      <TableBody>
        {receipts.map((receipt) => (
          <TableRow key={receipt.id}>
            <TableCell className="[overflow-wrap:anywhere]">
              <p className="font-medium">{receipt.serverName}</p>
              <p className="text-muted text-xs">
                <bdi>{receipt.accountName ?? receipt.provider}</bdi>
              </p>
            </TableCell>
            <TableCell label="Outcome">
              <Badge tone={looks[receipt.outcome].tone} dot>
                {looks[receipt.outcome].label}
              </Badge>
            </TableCell>
            <TableCell label="Answer" className="text-muted [overflow-wrap:anywhere]">
              <span>
                {receipt.answer ?? "No answer yet."}
                {receipt.accessUntil ? (
                  <>
                    {" "}
                    The access token may work until <RelativeTime value={receipt.accessUntil} />.
                  </>
                ) : null}
              </span>
            </TableCell>
            <TableCell label="When" className="whitespace-nowrap text-muted">
              <RelativeTime value={receipt.answeredAt ?? receipt.createdAt} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
