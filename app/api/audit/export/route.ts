import { allAuditEvents, csvLines, jsonLinesOf } from "@/lib/audit/list";
import { auditExportQuery } from "@/lib/contracts/audit";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { download } from "@/lib/http/responses";
import { enforceRateLimit, exportsPerUser } from "@/lib/session/rate-limit";

export const maxDuration = 300;

const types = { csv: "text/csv; charset=utf-8", jsonl: "application/x-ndjson; charset=utf-8" };

/** An export is itself an action to record. */
export const GET = handle("audit.view", async ({ app, user, request, ipAddress }) => {
  await enforceRateLimit(app, exportsPerUser, user.id);
  const { format, ...filters } = readQuery(request, auditExportQuery);
  await insertAuditEvent(app.db, {
    action: "audit.export",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { format },
  });
  const events = allAuditEvents(app, filters);
  const name = `usher-audit-${app.now().toISOString().slice(0, 10)}.${format}`;
  const lines = format === "csv" ? csvLines(events) : jsonLinesOf(events);
  return download(lines, { name, contentType: types[format] });
});
