import { Fragment } from "react";
import { actionWords } from "@/components/audit/action-words";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { AuditEventView } from "@/lib/contracts/audit";
import { personOfOwnerKey } from "@/lib/contracts/connections/account";
import { oneLine } from "@/lib/untrusted-text";

/** Newest first. People and servers chose these texts, so they are shown as plain text. */
export function AuditTable({ events }: { events: readonly AuditEventView[] }) {
  return (
    <Table caption="Events, newest first">
      <TableHead>
        <TableHeader>What</TableHeader>
        <TableHeader className="w-[24%]">Who</TableHeader>
        <TableHeader className="w-[16%]">Server</TableHeader>
        <TableHeader>IP address</TableHeader>
        <TableHeader>When</TableHeader>
      </TableHead>
      <TableBody>
        {events.map((event) => (
          <TableRow key={event.id}>
            <TableCell>
              <div className="grid min-w-0">
                <span className="font-medium">{actionWords(event.action)}</span>
                <span className="text-muted text-xs [overflow-wrap:anywhere]">
                  {detailWords(event).map((fact, index) => (
                    <Fragment key={fact}>
                      {index > 0 ? " · " : null}
                      <bdi>{fact}</bdi>
                    </Fragment>
                  ))}
                </span>
              </div>
            </TableCell>
            <TableCell label="Who" className="[overflow-wrap:anywhere]">
              <bdi>{event.actorEmail ? oneLine(event.actorEmail) : "Not signed in"}</bdi>
            </TableCell>
            <TableCell label="Server" className="[overflow-wrap:anywhere]">
              <bdi>{event.serverName ? oneLine(event.serverName) : "–"}</bdi>
            </TableCell>
            <TableCell label="IP address" className="font-mono text-xs">
              {event.ipAddress ?? "–"}
            </TableCell>
            <TableCell label="When" className="whitespace-nowrap">
              <RelativeTime value={event.at} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** For machines: an export includes them. */
const hidden: ReadonlySet<string> = new Set(["assistantId", "conversationId"]);

export function detailWords({ details, ownerKey, actorId }: AuditEventView): string[] {
  const facts = Object.entries(details)
    .filter(([name, value]) => value !== null && value !== "" && !hidden.has(name))
    .map(([name, value]) => `${nameInWords(name)}: ${valueInWords(name, value)}`);
  // `actingAs` says it better.
  const account = ownerKey === null || "actingAs" in details ? [] : [`account: ${ownerOf()}`];
  return [...account, ...facts].map((detail) => oneLine(detail));

  function ownerOf(): string {
    const person = ownerKey === null ? null : personOfOwnerKey(ownerKey);
    if (person === null) return "shared";
    return person === actorId ? "own" : person;
  }
}

function nameInWords(name: string): string {
  if (name === "durationMs") return "took";
  if (name === "apiKey") return "API key";
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueInWords(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (name === "durationMs") return `${value} ms`;
  if (name === "role") return `${value}`.toLowerCase();
  if (name === "outcome") return `${value}`.replaceAll("_", " ");
  return `${value}`;
}
