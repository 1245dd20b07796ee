import { deleteAuditEventsBefore } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { deleteConversationsBefore } from "@/lib/db/conversation";
import { deleteReceiptsBefore } from "@/lib/db/revocations/token-revocation";
import type { RetentionEnv } from "@/lib/env/retention";
import type { Log } from "@/lib/log";

const dayMs = 24 * 60 * 60_000;
/** For one kind in one run, so that no run holds rows for long. The next one continues. */
const mostAtOnce = { conversations: 500, events: 10_000 };

export interface RetentionContext {
  db: Database;
  now: () => Date;
  log: Log;
  env: { retention: RetentionEnv };
}

/** Deletes the conversations and audit events that have outlived the operator's retention period. */
export async function deleteBeyondRetention(ctx: RetentionContext): Promise<void> {
  const { conversations, audit } = ctx.env.retention;
  const before = (days: number) => new Date(ctx.now().getTime() - days * dayMs);
  const deleted = {
    conversations:
      conversations === null
        ? 0
        : await deleteConversationsBefore(ctx.db, before(conversations), mostAtOnce.conversations),
    // They say no more than the audit does, and are kept as long.
    receipts: audit === null ? 0 : await deleteReceiptsBefore(ctx.db, before(audit)),
    auditEvents:
      audit === null ? 0 : await deleteAuditEventsBefore(ctx.db, before(audit), mostAtOnce.events),
  };
  if (deleted.conversations + deleted.receipts + deleted.auditEvents > 0)
    ctx.log.info(deleted, "retention: deleted");
}
