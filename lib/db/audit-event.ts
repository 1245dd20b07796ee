import { randomUUID } from "node:crypto";
import type { Database, DatabaseTransaction } from "./client";
import * as Prisma from "./generated/internal/prismaNamespace";
import { publishing } from "./webhooks/webhook-event";

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

/** Who changes something, and how. */
export type ChangedBy = Pick<NewAuditEvent, "actorId" | "actorEmail" | "ipAddress" | "details">;

export function by(actor: { id: string; email: string; ipAddress: string | null }) {
  return { actorId: actor.id, actorEmail: actor.email, ipAddress: actor.ipAddress };
}

/**
 * Names the API key that was used, if any.
 * @param tx the transaction that the event belongs to
 */
export async function insertAuditEvent(
  db: Database,
  event: NewAuditEvent,
  tx: DatabaseTransaction = db,
): Promise<void> {
  const apiKey = db.$apiKey();
  const details = apiKey === null ? event.details : { ...event.details, apiKey };
  const row = { ...event, id: randomUUID(), at: new Date(), ...(details ? { details } : {}) };
  await insertAuditEvents(db, [row], tx);
}

/** Many at once. Existing ids are skipped; subscribed webhooks are notified of the others. */
export async function insertAuditEvents(
  db: Database,
  events: readonly (NewAuditEvent & { id: string; at: Date })[],
  tx: DatabaseTransaction = db,
): Promise<void> {
  const published = Prisma.sql`
    SELECT 'msg_' || replace("id", '-', '') AS "id", 'audit.event' AS "type", "at",
      to_jsonb(added) - 'at' AS "data"
    FROM added`;
  const deliveries = await tx.$executeRaw`
    WITH added AS (
      INSERT INTO "AuditEvent" ("id", "at", "action", "actorId", "actorEmail", "serverId",
        "serverName", "ownerKey", "ipAddress", "details")
      SELECT e."id", e."at", e."action", e."actorId", e."actorEmail", e."serverId", e."serverName",
        e."ownerKey", e."ipAddress", coalesce(e."details", '{}')
      FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS e ("id" text, "at" timestamptz,
        "action" text, "actorId" text, "actorEmail" text, "serverId" text, "serverName" text,
        "ownerKey" text, "ipAddress" text, "details" jsonb)
      ON CONFLICT ("id") DO NOTHING
      RETURNING *
    ), ${publishing(published)}`;
  if (deliveries > 0) db.$published();
}

/** The account that an event `e` was done with, in the words of the index `AuditEvent_account_idx`. */
export const eventAccount = Prisma.sql`coalesce(e."details"->>'actingAs', e."details"->>'account')`;

/**
 * The oldest, `most` of them, and the names that no other event has. The database refuses to delete
 * any that are younger than 30 days.
 */
export function deleteAuditEventsBefore(db: Database, before: Date, most: number): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('usher.deletes_old_audit_events', 'on', true)`;
    const [gone] = await tx.$queryRaw<{ count: number; names: unknown }[]>`
      WITH gone AS (
        DELETE FROM "AuditEvent" e WHERE "id" IN (
          SELECT "id" FROM "AuditEvent" WHERE "at" < ${before} ORDER BY "at" LIMIT ${most})
        RETURNING "action", "actorEmail", "serverName", ${eventAccount} AS "account"
      )
      SELECT (SELECT count(*)::int FROM gone) AS "count", (
        SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('field', n.field, 'value', n.value)), '[]')
        FROM gone, LATERAL (VALUES ('action', gone."action"), ('person', gone."actorEmail"),
          ('server', gone."serverName"), ('account', gone."account")) AS n (field, value)
        WHERE n.value IS NOT NULL) AS "names"`;
    if (!gone || gone.count === 0) return 0;
    // Waits for inserts in progress: a name whose event is not committed yet must stay.
    await tx.$executeRaw`LOCK TABLE "AuditName" IN SHARE ROW EXCLUSIVE MODE`;
    await tx.$executeRaw`
      DELETE FROM "AuditName" n
      USING jsonb_to_recordset(${JSON.stringify(gone.names)}::jsonb) AS g ("field" text, "value" text)
      WHERE n."field" = g."field" AND n."value" = g."value" AND NOT CASE n."field"
        WHEN 'action' THEN EXISTS (SELECT 1 FROM "AuditEvent" e WHERE e."action" = n."value")
        WHEN 'person' THEN EXISTS (SELECT 1 FROM "AuditEvent" e WHERE e."actorEmail" = n."value")
        WHEN 'server' THEN EXISTS (SELECT 1 FROM "AuditEvent" e WHERE e."serverName" = n."value")
        ELSE EXISTS (SELECT 1 FROM "AuditEvent" e WHERE ${eventAccount} = n."value")
      END`;
    return gone.count;
  });
}
