import { z } from "zod";

/** What a webhook can subscribe to. A new type is a line here, and in the table of docs/webhooks.md. */
export const webhookEventTypes = ["notice.opened", "notice.closed", "audit.event"] as const;
export const webhookEventType = z.enum(webhookEventTypes);
export type WebhookEventType = z.infer<typeof webhookEventType>;

/** Something that happened, as it is sent. Never a secret. */
export interface WebhookEventInput {
  type: WebhookEventType;
  at: Date;
  data: Record<string, unknown>;
}
