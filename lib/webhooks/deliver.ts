import pLimit from "p-limit";
import { testEventType } from "@/lib/contracts/webhooks";
import { insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { type ClaimedDelivery, claimDeliveries, saveAttempt } from "@/lib/db/webhooks/delivery";
import {
  disableWebhook,
  findWebhook,
  noteFailing,
  type WebhookRow,
} from "@/lib/db/webhooks/webhook";
import type { Log } from "@/lib/log";
import { type DeliveryDecision, decideDelivery, decideStanding } from "./decide-delivery";
import { type SendContext, sendOnce } from "./send";
import { webhookLabel } from "./webhook-label";

export interface DeliverContext extends SendContext {
  db: Database;
  log: Log;
  stopping: AbortSignal;
}

/** Concurrent requests to one receiver. */
const atOnce = 4;
/** Claimed together. At 15 s each, they end within the lease. */
const batch = 8;
const leaseMs = 90_000;
/** Claiming stops after this. The next sweep, or the next event, continues. */
const claimForMs = 60_000;

/**
 * Sends the events that are due to one webhook, until none is left or its receiver stops accepting them.
 * @returns the earliest next attempt of those that failed now
 */
export async function deliverTo(ctx: DeliverContext, webhookId: string): Promise<Date | null> {
  const stopClaimingAt = performance.now() + claimForMs;
  let next: Date | null = null;
  while (!ctx.stopping.aborted && performance.now() < stopClaimingAt) {
    const webhook = await findWebhook(ctx.db, webhookId);
    if (!webhook) break;
    const wanted = { dueAt: ctx.now() };
    const claimed = await claimDeliveries(ctx.db, webhookId, wanted, batch, leaseMs);
    const limit = pLimit(atOnce);
    const decisions = await Promise.all(
      claimed.map((each) => limit(() => deliver(ctx, webhook, each))),
    );
    for (const { nextAttemptAt } of decisions) {
      if (nextAttemptAt !== null && (next === null || nextAttemptAt < next)) next = nextAttemptAt;
    }
    if (!decisions.some(({ state }) => state === "DELIVERED")) break;
  }
  return next;
}

/** Sends one delivery now, if no one else is sending it and its webhook is enabled. */
export async function deliverOne(
  ctx: DeliverContext,
  webhook: WebhookRow,
  id: string,
): Promise<void> {
  const [claimed] = await claimDeliveries(ctx.db, webhook.id, { id }, 1, leaseMs);
  if (claimed) await deliver(ctx, webhook, claimed);
}

async function deliver(
  ctx: DeliverContext,
  webhook: WebhookRow,
  delivery: ClaimedDelivery,
): Promise<DeliveryDecision> {
  const { attempt, retryAfterMs } = await sendOnce(ctx, webhook, delivery);
  const now = ctx.now();
  const isTest = delivery.type === testEventType;
  const sent = { error: attempt.error, retryAfterMs };
  const decision = decideDelivery(sent, { attempts: delivery.attempts, isTest }, now);
  // A failed test says nothing about real events.
  const standing =
    isTest && attempt.error !== null ? null : decideStanding(attempt, webhook.failingSince, now);
  try {
    await ctx.db.$transaction(async (tx) => {
      if (!(await saveAttempt(tx, delivery, attempt, decision)) || !standing) return;
      const { failingSince, disable } = standing;
      // Both are null most of the time, and an unchanged row is not locked.
      if (failingSince?.getTime() !== webhook.failingSince?.getTime()) {
        await noteFailing(tx, webhook.id, failingSince);
      }
      if (disable !== null && (await disableWebhook(tx, webhook.id, disable))) {
        await insertAuditEvent(
          ctx.db,
          {
            action: "webhook.disable",
            ...{ actorId: null, actorEmail: null },
            details: { webhook: webhookLabel(webhook), reason: disable },
          },
          tx,
        );
      }
    });
  } catch (error) {
    // The lease ends, and it is sent again with the same ID.
    ctx.log.warn({ err: error, webhookId: webhook.id }, "a webhook's attempt was not saved");
    return { state: "FAILED", nextAttemptAt: null };
  }
  const { status } = attempt;
  ctx.log.debug({ webhookId: webhook.id, status, state: decision.state }, "webhook attempt");
  return decision;
}
