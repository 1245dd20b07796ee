import type { AuditEventView } from "@/lib/contracts/audit";

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
 * A spreadsheet runs a cell that begins like a formula, and somebody who may not sign in chooses the
 * address of a refused attempt: an apostrophe in front makes it text.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(value: string): string {
  const text = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return `"${text.replaceAll('"', '""')}"`;
}
