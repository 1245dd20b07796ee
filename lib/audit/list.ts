import type { AuditEventView, AuditFilters, AuditGroups, AuditPage } from "@/lib/contracts/audit";
import { readTimeCursor, writeTimeCursor } from "@/lib/contracts/time-cursor";
import { listGroupNames } from "@/lib/db/accounts/group";
import type { Database } from "@/lib/db/client";
import {
  type AuditEventRow,
  type AuditPosition,
  listAuditEvents,
} from "@/lib/db/lists/audit-events";
import { currentAction } from "@/lib/db/lists/renamed-actions";

const pageSize = 50;
const exportPageSize = 500;

/** @param after `next` of the page before; undefined starts with the newest */
export async function auditPage(
  { db }: { db: Database },
  filters: AuditFilters,
  after: string | undefined,
): Promise<AuditPage> {
  const position = after === undefined ? null : readTimeCursor(after);
  const rows = await listAuditEvents(db, filters, position, pageSize + 1);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const next = last && rows.length > pageSize ? writeTimeCursor(last) : null;
  return { events: shown.map(viewEvent), next };
}

/** All matching events, one page in memory at a time. */
export async function* allAuditEvents(
  { db }: { db: Database },
  filters: AuditFilters,
): AsyncGenerator<AuditEventView> {
  let position: AuditPosition | null = null;
  for (;;) {
    const rows: AuditEventRow[] = await listAuditEvents(db, filters, position, exportPageSize);
    yield* rows.map(viewEvent);
    position = rows.at(-1) ?? null;
    if (position === null || rows.length < exportPageSize) return;
  }
}

/** By which the audit can be filtered. */
export async function auditGroups({ db }: { db: Database }): Promise<AuditGroups> {
  return { groups: await listGroupNames(db) };
}

export function viewEvent({ at, action, details, ...row }: AuditEventRow): AuditEventView {
  const event = { ...row, at: at.toISOString(), action: currentAction(action) };
  // Written only by insertAuditEvent, as an object.
  return { ...event, details: details as Record<string, unknown> };
}

const columns = [
  "at",
  "action",
  "actorEmail",
  "actorId",
  "serverName",
  "serverId",
  "ownerKey",
  "ipAddress",
  "details",
  "id",
] as const satisfies readonly (keyof AuditEventView)[];

/** With a header. @see https://www.rfc-editor.org/rfc/rfc4180 */
export async function* csvLines(events: AsyncIterable<AuditEventView>): AsyncGenerator<string> {
  yield `${columns.join(",")}\r\n`;
  for await (const event of events) {
    const cells = columns.map((column) =>
      csvCell(column === "details" ? JSON.stringify(event.details) : (event[column] ?? "")),
    );
    yield `${cells.join(",")}\r\n`;
  }
}

/** @see https://jsonlines.org */
export async function* jsonLinesOf(events: AsyncIterable<AuditEventView>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

/**
 * A spreadsheet runs a cell that starts like a formula, and a person who may not sign in chooses the
 * address of a refused attempt: a leading apostrophe makes it text.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(value: string): string {
  const text = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}
