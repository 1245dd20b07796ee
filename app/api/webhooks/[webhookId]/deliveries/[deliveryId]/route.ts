import { handle } from "@/lib/http/handle";
import { deliveryDetail } from "@/lib/webhooks/delivery-log";

export const GET = handle<{ webhookId: string; deliveryId: string }>(
  "webhooks.manage",
  ({ app, params }) => deliveryDetail(app, params.webhookId, params.deliveryId),
);
