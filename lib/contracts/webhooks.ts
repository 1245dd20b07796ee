import * as z from "zod";
import { timeCursor } from "./time-cursor";

/** What a webhook can subscribe to. A new type is a line here, and in the table of docs/webhooks.md. */
export const webhookEventTypes = ["notice.opened", "notice.closed", "audit.event"] as const;
export const webhookEventType = z.enum(webhookEventTypes);
export type WebhookEventType = z.infer<typeof webhookEventType>;

/** Sent to one webhook when an admin asks for it. It cannot be subscribed to. */
export const testEventType = "webhook.test";

/** An event, as it is sent. Never a secret. */
export interface WebhookEventInput {
  type: WebhookEventType;
  at: Date;
  data: Record<string, unknown>;
}

export const mostWebhooks = 20;

export const webhookInput = z.object({
  url: z
    .string()
    .trim()
    .min(1, "Enter the address that gets the events.")
    .max(2000, "An address may have 2,000 characters at most."),
  description: z.string().trim().max(200, "A description may have 200 characters at most."),
  eventTypes: z
    .array(webhookEventType)
    .min(1, "Choose at least one event.")
    .max(webhookEventTypes.length, "Name each event once."),
  enabled: z.boolean(),
});
export type WebhookInput = z.infer<typeof webhookInput>;

/** Everything about a webhook except its secret. Times are ISO 8601. */
export const webhookView = webhookInput.extend({
  id: z.string(),
  /** Why Usher disabled it, in plain words. */
  disabledReason: z.string().nullable(),
  /** Since when no delivery has succeeded; null: the last one did. */
  failingSince: z.string().nullable(),
  /** Until then the previous secret signs too. */
  previousSecretUntil: z.string().nullable(),
  createdAt: z.string(),
});
export type WebhookView = z.infer<typeof webhookView>;

export const webhookList = z.object({ webhooks: z.array(webhookView) });
export type WebhookList = z.infer<typeof webhookList>;

/** The only responses that contain the secret. */
export const webhookWithSecret = z.object({ webhook: webhookView, secret: z.string() });
export type WebhookWithSecret = z.infer<typeof webhookWithSecret>;

/** One request to a webhook's URL. */
export const webhookAttempt = z.object({
  at: z.string(),
  /** Null: no response came. */
  status: z.number().nullable(),
  /** Until the response was read, in ms. */
  tookMs: z.number(),
  /** Why it failed, in plain words. Null: it was delivered. */
  error: z.string().nullable(),
  /** The beginning of the response, written by the receiver. */
  response: z.string().nullable(),
});
export type WebhookAttempt = z.infer<typeof webhookAttempt>;

export const deliveryState = z.enum(["pending", "delivered", "failed"]);
export type DeliveryState = z.infer<typeof deliveryState>;

export const deliveryView = z.object({
  id: z.string(),
  /** `webhook-id`. */
  eventId: z.string(),
  eventType: z.string(),
  createdAt: z.string(),
  state: deliveryState,
  /** How often it was sent. If more than 20, the first ones are forgotten. */
  attempts: z.number(),
  /** The last one without its response. */
  last: webhookAttempt.omit({ response: true }).nullable(),
  /** For a pending one; null: as soon as possible. */
  nextAttemptAt: z.string().nullable(),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryDetail = deliveryView.extend({
  /** Oldest first. */
  log: z.array(webhookAttempt),
  /** The body as sent. */
  payload: z.string(),
});
export type DeliveryDetail = z.infer<typeof deliveryDetail>;

export const deliveryQuery = z.object({
  state: deliveryState.optional(),
  after: timeCursor.optional(),
});
export type DeliveryQuery = z.infer<typeof deliveryQuery>;

/** Newest first. */
export const deliveryPage = z.object({
  deliveries: z.array(deliveryView),
  /** For `after`; null at the end. */
  next: z.string().nullable(),
});
export type DeliveryPage = z.infer<typeof deliveryPage>;
