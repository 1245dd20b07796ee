import { randomUUID } from "node:crypto";
import type { WebhookAttempt } from "@/lib/contracts/webhooks";
import type { Database, DatabaseTransaction } from "../client";
import type { WebhookDelivery, WebhookDeliveryState } from "../generated/client";
import { newEventId } from "./webhook-event";

export type { WebhookDeliveryState };

/** A delivery with its event. No other process sends it while its lease lasts. */
export type ClaimedDelivery = WebhookDelivery & { type: string; at: Date; data: unknown };

/** Attempts that the log keeps. */
const mostLogged = 20;

/** Enabled webhooks that have something to send now. */
export async function webhooksWithDue(db: Database, dueAt: Date): Promise<string[]> {
  const { rows } = await db.$statement<{ id: string }>(
    `SELECT w."id" FROM "Webhook" w WHERE w."enabled" AND EXISTS (
       SELECT 1 FROM "WebhookDelivery" d
       WHERE d."webhookId" = w."id" AND d."state" = 'PENDING'
         AND (d."nextAttemptAt" IS NULL OR d."nextAttemptAt" <= $1)
         AND (d."leaseUntil" IS NULL OR d."leaseUntil" <= now()))`,
    [dueAt],
  );
  return rows.map(({ id }) => id);
}

/**
 * Claims up to `limit` of one enabled webhook: untried ones first, on the database's clock. Rows being claimed by
 * another process are skipped.
 * @param wanted all deliveries due by a time, or one delivery
 */
export async function claimDeliveries(
  db: Database,
  webhookId: string,
  wanted: { dueAt: Date } | { id: string },
  limit: number,
  leaseMs: number,
): Promise<ClaimedDelivery[]> {
  const { rows } = await db.$statement<ClaimedDelivery>(
    `WITH claimed AS (
       UPDATE "WebhookDelivery"
       SET "leaseId" = $1, "leaseUntil" = now() + make_interval(secs => $2),
         "attempts" = "attempts" + 1
       WHERE "id" IN (
         SELECT d."id" FROM "WebhookDelivery" d
         WHERE d."webhookId" = $3 AND d."state" = 'PENDING'
           AND EXISTS (SELECT 1 FROM "Webhook" w WHERE w."id" = $3 AND w."enabled")
           AND ($4::text IS NULL OR d."id" = $4)
           AND ($5::timestamptz IS NULL OR d."nextAttemptAt" IS NULL OR d."nextAttemptAt" <= $5)
           AND (d."leaseUntil" IS NULL OR d."leaseUntil" <= now())
         ORDER BY d."nextAttemptAt" NULLS FIRST, d."createdAt", d."id"
         LIMIT $6
         FOR UPDATE SKIP LOCKED)
       RETURNING *)
     SELECT claimed.*, e."type", e."at", e."data"
     FROM claimed JOIN "WebhookEvent" e ON e."id" = claimed."eventId"
     ORDER BY claimed."createdAt", claimed."id"`,
    [
      ...[randomUUID(), leaseMs / 1000, webhookId],
      ...["id" in wanted ? wanted.id : null, "dueAt" in wanted ? wanted.dueAt : null, limit],
    ],
  );
  return rows;
}

/** @returns false if the lease has passed to another process */
export async function saveAttempt(
  tx: DatabaseTransaction,
  { id, leaseId }: Pick<ClaimedDelivery, "id" | "leaseId">,
  attempt: WebhookAttempt,
  end: { state: WebhookDeliveryState; nextAttemptAt: Date | null },
): Promise<boolean> {
  const saved = await tx.$executeRaw`
    UPDATE "WebhookDelivery"
    SET "state" = ${end.state}::"WebhookDeliveryState", "nextAttemptAt" = ${end.nextAttemptAt},
      "leaseId" = NULL, "leaseUntil" = NULL,
      "log" = CASE WHEN jsonb_array_length("log") >= ${mostLogged} THEN "log" - 0 ELSE "log" END
        || ${JSON.stringify([attempt])}::jsonb
    WHERE "id" = ${id} AND "leaseId" = ${leaseId}`;
  return saved > 0;
}

/** @returns the id of the delivery */
export async function insertTestDelivery(
  tx: DatabaseTransaction,
  webhookId: string,
  event: { type: string; at: Date; data: { message: string } },
): Promise<string> {
  const eventId = newEventId();
  await tx.webhookEvent.create({ data: { id: eventId, ...event } });
  const { id } = await tx.webhookDelivery.create({
    data: { webhookId, eventId, createdAt: event.at },
  });
  return id;
}

/** Makes it due now, with all attempts available again. @returns false if it was deleted or is being sent */
export async function putBack(tx: DatabaseTransaction, id: string): Promise<boolean> {
  const changed = await tx.$executeRaw`
    UPDATE "WebhookDelivery" SET "state" = 'PENDING', "attempts" = 0, "nextAttemptAt" = NULL
    WHERE "id" = ${id} AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())`;
  return changed > 0;
}

/** Deletes their deliveries too. @returns the number of events */
export function deleteWebhookEventsBefore(
  db: Database,
  before: Date,
  most: number,
): Promise<number> {
  return db.$executeRaw`
    DELETE FROM "WebhookEvent" WHERE "id" IN (
      SELECT "id" FROM "WebhookEvent" WHERE "at" < ${before} ORDER BY "at" LIMIT ${most})`;
}
