import type { Database } from "../client";
import type { WebhookDelivery } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";

export type ListedDelivery = Pick<
  WebhookDelivery,
  "id" | "eventId" | "createdAt" | "state" | "nextAttemptAt"
> & { type: string; attempts: number; last: unknown };

/** Newest first. @param after the last one of the previous page; null starts */
export function listDeliveries(
  db: Database,
  { webhookId, state }: { webhookId: string; state: WebhookDelivery["state"] | null },
  after: { at: Date; id: string } | null,
  limit: number,
): Promise<ListedDelivery[]> {
  const ofState = state
    ? Prisma.sql`AND d."state" = ${state}::"WebhookDeliveryState"`
    : Prisma.empty;
  const beyond = after
    ? Prisma.sql`AND (d."createdAt", d."id") < (${after.at}, ${after.id})`
    : Prisma.empty;
  return db.$queryRaw`
    SELECT d."id", d."eventId", d."createdAt", d."state", d."nextAttemptAt", e."type",
      jsonb_array_length(d."log") AS "attempts", d."log" -> -1 AS "last"
    FROM "WebhookDelivery" d JOIN "WebhookEvent" e ON e."id" = d."eventId"
    WHERE d."webhookId" = ${webhookId} ${ofState} ${beyond}
    ORDER BY d."createdAt" DESC, d."id" DESC LIMIT ${limit}`;
}

export function findDelivery(db: Database, webhookId: string, id: string) {
  return db.webhookDelivery.findFirst({ where: { id, webhookId }, include: { event: true } });
}
