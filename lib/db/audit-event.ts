import type { Database } from "./client";

export interface NewAuditEvent {
  action: string;
  actorId: string | null;
  actorEmail: string | null;
  serverId?: string | null;
  serverName?: string | null;
  ownerKey?: string | null;
  ipAddress?: string | null;
  /** Never a secret. */
  details?: Record<string, string | number | boolean | null | string[]>;
}

export function by(actor: { id: string; email: string; ipAddress: string | null }) {
  return { actorId: actor.id, actorEmail: actor.email, ipAddress: actor.ipAddress };
}

export async function insertAuditEvent(db: Database, event: NewAuditEvent): Promise<void> {
  await db.auditEvent.create({ data: event });
}

/** Many at once. Events whose id exists already are left as they are. */
export async function insertAuditEvents(
  db: Database,
  events: readonly (NewAuditEvent & { id: string; at: Date })[],
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "AuditEvent" ("id", "at", "action", "actorId", "actorEmail", "serverId",
      "serverName", "ownerKey", "ipAddress", "details")
    SELECT e."id", e."at", e."action", e."actorId", e."actorEmail", e."serverId", e."serverName",
      e."ownerKey", e."ipAddress", e."details"
    FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS e ("id" text, "at" timestamptz,
      "action" text, "actorId" text, "actorEmail" text, "serverId" text, "serverName" text,
      "ownerKey" text, "ipAddress" text, "details" jsonb)
    ON CONFLICT ("id") DO NOTHING`;
}

/** The oldest first, `most` of them. The database refuses to delete what is younger than 30 days. */
export function deleteAuditEventsBefore(db: Database, before: Date, most: number): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('usher.deletes_old_audit_events', 'on', true)`;
    return tx.$executeRaw`
      DELETE FROM "AuditEvent" WHERE "id" IN (
        SELECT "id" FROM "AuditEvent" WHERE "at" < ${before} ORDER BY "at" LIMIT ${most})`;
  });
}
