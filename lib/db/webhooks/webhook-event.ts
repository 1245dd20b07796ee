import { randomUUID } from "node:crypto";
import type { WebhookEventInput } from "@/lib/contracts/webhooks";
import type { Database, DatabaseTransaction } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";

/** `webhook-id`. No dot: the signature joins its parts with dots. */
export function newEventId(): string {
  return `msg_${randomUUID().replaceAll("-", "")}`;
}

/**
 * A part of a statement that writes events, each with one delivery for every enabled webhook that subscribed to
 * its type. Without such a webhook, nothing is written. The statement's row count is the number of deliveries.
 * @param events rows "id", "type", "at" and "data"
 */
export function publishing(events: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    event AS (
      INSERT INTO "WebhookEvent" ("id", "type", "at", "data")
      SELECT e."id", e."type", e."at", e."data" FROM (${events}) e
      WHERE EXISTS (SELECT 1 FROM "Webhook" w WHERE w."enabled" AND e."type" = ANY (w."eventTypes"))
      RETURNING "id", "type", "at"
    )
    INSERT INTO "WebhookDelivery" ("id", "webhookId", "eventId", "createdAt")
    SELECT gen_random_uuid()::text, w."id", event."id", event."at"
    FROM event JOIN "Webhook" w ON w."enabled" AND event."type" = ANY (w."eventTypes")`;
}

/** @param tx the transaction of the change that the event reports */
export async function insertWebhookEvent(
  db: Database,
  { type, at, data }: WebhookEventInput,
  tx: DatabaseTransaction,
): Promise<void> {
  const event = Prisma.sql`
    SELECT ${newEventId()} AS "id", ${type} AS "type", ${at}::timestamptz AS "at",
      ${JSON.stringify(data)}::jsonb AS "data"`;
  const deliveries = await tx.$executeRaw`WITH ${publishing(event)}`;
  if (deliveries > 0) db.$published();
}
