import { readTimeCursor, writeTimeCursor } from "@/lib/contracts/time-cursor";
import {
  type DeliveryDetail,
  type DeliveryPage,
  type DeliveryQuery,
  type DeliveryState,
  type DeliveryView,
  testEventType,
  type WebhookAttempt,
} from "@/lib/contracts/webhooks";
import { insertAuditEvent } from "@/lib/db/audit-event";
import {
  findDelivery,
  type ListedDelivery,
  listDeliveries,
} from "@/lib/db/lists/webhook-deliveries";
import { insertTestDelivery, putBack, type WebhookDeliveryState } from "@/lib/db/webhooks/delivery";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import type { WebhookDeliveries } from "./deliveries";
import { event, type ManageContext, webhookToManage } from "./manage";
import { payloadOf } from "./payload";

const pageSize = 50;

interface SendingContext extends ManageContext {
  webhooks: Pick<WebhookDeliveries, "deliverOne">;
}

const stateOf = {
  PENDING: "pending",
  DELIVERED: "delivered",
  FAILED: "failed",
} as const satisfies Record<WebhookDeliveryState, DeliveryState>;

/** @throws NotFoundError */
export async function deliveryPage(
  ctx: ManageContext,
  webhookId: string,
  { state, after }: DeliveryQuery,
): Promise<DeliveryPage> {
  await webhookToManage(ctx, webhookId);
  const wanted = state ? (state.toUpperCase() as WebhookDeliveryState) : null;
  const position = after === undefined ? null : readTimeCursor(after);
  const which = { webhookId, state: wanted };
  const rows = await listDeliveries(ctx.db, which, position, pageSize + 1);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const next =
    last && rows.length > pageSize ? writeTimeCursor({ at: last.createdAt, id: last.id }) : null;
  return { deliveries: shown.map(viewDelivery), next };
}

/** @throws NotFoundError */
export async function deliveryDetail(
  { db }: Pick<ManageContext, "db">,
  webhookId: string,
  id: string,
): Promise<DeliveryDetail> {
  const row = await findDelivery(db, webhookId, id);
  if (!row) throw new NotFoundError("This delivery does not exist any more.");
  // Written only by `saveAttempt`.
  const log = row.log as unknown as WebhookAttempt[];
  const { type, at, data } = row.event;
  const listed = { ...row, type, attempts: log.length, last: log.at(-1) ?? null };
  return { ...viewDelivery(listed), log, payload: payloadOf({ type, at, data }) };
}

/** Sends a test event and waits for the response. @throws ConflictError it is disabled */
export async function sendTestEvent(
  ctx: SendingContext,
  actor: Actor,
  webhookId: string,
): Promise<DeliveryDetail> {
  const webhook = await enabledWebhook(ctx, webhookId);
  const data = { message: "This is a test event from Usher." };
  const test = { type: testEventType, at: ctx.now(), data };
  const id = await ctx.db.$transaction(async (tx) => {
    await insertAuditEvent(ctx.db, event("webhook.test", actor, webhook), tx);
    return insertTestDelivery(tx, webhookId, test);
  });
  await ctx.webhooks.deliverOne(webhook, id);
  return deliveryDetail(ctx, webhookId, id);
}

/**
 * Sends a delivery again with the same id, and waits for the response.
 * @throws ConflictError its webhook is disabled, or it is being sent right now. @throws NotFoundError
 */
export async function resendDelivery(
  ctx: SendingContext,
  actor: Actor,
  webhookId: string,
  id: string,
): Promise<DeliveryDetail> {
  const webhook = await enabledWebhook(ctx, webhookId);
  const { eventId } = await deliveryDetail(ctx, webhookId, id);
  await ctx.db.$transaction(async (tx) => {
    if (!(await putBack(tx, id))) throw new ConflictError("It is being sent right now.");
    await insertAuditEvent(ctx.db, event("webhook.resend", actor, webhook, { event: eventId }), tx);
  });
  await ctx.webhooks.deliverOne(webhook, id);
  return deliveryDetail(ctx, webhookId, id);
}

async function enabledWebhook(ctx: ManageContext, id: string) {
  const webhook = await webhookToManage(ctx, id);
  if (!webhook.enabled) throw new ConflictError("This webhook is disabled. Enable it first.");
  return webhook;
}

function viewDelivery({ last, ...row }: ListedDelivery): DeliveryView {
  const attempt = last as WebhookAttempt | null;
  return {
    ...{ id: row.id, eventId: row.eventId, eventType: row.type, attempts: row.attempts },
    createdAt: row.createdAt.toISOString(),
    state: stateOf[row.state],
    last: attempt && {
      ...{ at: attempt.at, status: attempt.status, tookMs: attempt.tookMs, error: attempt.error },
    },
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  };
}
