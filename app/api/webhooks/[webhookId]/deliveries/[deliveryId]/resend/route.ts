import { handle } from "@/lib/http/handle";
import { resendDelivery } from "@/lib/webhooks/delivery-log";

export const POST = handle<{ webhookId: string; deliveryId: string }>(
  "webhooks.manage",
  ({ app, user, params }) => resendDelivery(app, user, params.webhookId, params.deliveryId),
);
