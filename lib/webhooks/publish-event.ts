import type { WebhookEventInput } from "@/lib/contracts/webhooks";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { insertWebhookEvent } from "@/lib/db/webhooks/webhook-event";
import { storableJson } from "@/lib/untrusted-text";

/**
 * Notifies every enabled webhook that subscribed to this type. The event and its deliveries are stored in the
 * caller's transaction; they are sent once it has ended. Without a subscriber nothing is written.
 * @param tx the transaction of what it reports
 */
export function publishEvent(
  db: Database,
  event: WebhookEventInput,
  tx: DatabaseTransaction = db,
): Promise<void> {
  return insertWebhookEvent(db, { ...event, data: storableJson(event.data) }, tx);
}
