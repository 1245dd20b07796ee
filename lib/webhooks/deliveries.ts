import { webhooksWithDue } from "@/lib/db/webhooks/delivery";
import type { WebhookRow } from "@/lib/db/webhooks/webhook";
import type { OutboundFetch, OutboundLimits } from "@/lib/net/fetch";
import { createQueueTimers } from "@/lib/queue-timers";
import type { WorkUnderWay } from "@/lib/work-under-way";
import type { DeliverContext } from "./deliver";

export interface WebhookDeliveries {
  /** Reports that events were published. Their transaction may stay open for a while. */
  wake(): void;
  /** Whether `wake` was called since `deliverDue` last looked. */
  isAwake(): boolean;
  /** Sends everything that is due. Resolves when nothing is in progress in this process. Never throws. */
  deliverDue(): Promise<void>;
  /** Sends this one now, if no one else is sending it and its webhook is enabled. */
  deliverOne(webhook: WebhookRow, deliveryId: string): Promise<void>;
}

/** A receiver should respond before it does its work. A long body is truncated, not rejected. */
export const webhookOutboundLimits: OutboundLimits = {
  headersTimeoutMs: 10_000,
  totalTimeoutMs: 15_000,
  maxResponseBytes: null,
};

/** In ms. Later attempts are left to the sweep. */
const ownTimerMs = 60_000;

/**
 * Each webhook has its own queue: a slow receiver delays only its own events.
 * @param outbound with `webhookOutboundLimits`
 */
export function createWebhookDeliveries(
  app: () => Omit<DeliverContext, "outbound"> & { underWay: WorkUnderWay },
  outbound: OutboundFetch,
): WebhookDeliveries {
  const context = (): DeliverContext => ({ ...app(), outbound });
  const running = new Map<string, Promise<void>>();
  const asked = new Set<string>();
  const timers = createQueueTimers(() => void deliverDue());
  let awake = false;

  async function run(webhookId: string): Promise<void> {
    const ctx = context();
    try {
      // Nothing is signed at startup, so that the start does not load the signing code.
      const { deliverTo } = await import("./deliver");
      do {
        asked.delete(webhookId);
        const next = await deliverTo(ctx, webhookId);
        const inMs = next === null ? Number.POSITIVE_INFINITY : next.getTime() - +ctx.now();
        if (inMs <= ownTimerMs) timers.lookAfter(Math.max(inMs, 0));
      } while (asked.has(webhookId));
    } catch (error) {
      ctx.log.warn({ err: error, webhookId }, "webhook deliveries stopped; the next sweep goes on");
    } finally {
      running.delete(webhookId);
    }
  }

  async function deliverDue(): Promise<void> {
    awake = false;
    const ctx = app();
    if (ctx.stopping.aborted) return;
    let due: string[] = [];
    try {
      due = await webhooksWithDue(ctx.db, ctx.now());
    } catch (error) {
      ctx.log.warn({ err: error }, "due webhook deliveries could not be read");
    }
    for (const webhookId of due) {
      // What was queued after its last check must not wait for the sweep.
      if (running.has(webhookId)) asked.add(webhookId);
      else running.set(webhookId, ctx.underWay.keep(run(webhookId)));
    }
    await Promise.all(running.values());
  }

  return {
    wake() {
      awake = true;
      timers.queued();
    },
    isAwake: () => awake,
    deliverDue,
    async deliverOne(webhook, deliveryId) {
      const { deliverOne } = await import("./deliver");
      await app().underWay.keep(deliverOne(context(), webhook, deliveryId));
    },
  };
}
