import { deliveryQuery } from "@/lib/contracts/webhooks";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { deliveryPage } from "@/lib/webhooks/delivery-log";

export const GET = handle<{ webhookId: string }>(
  "webhooks.manage",
  async ({ app, request, params }) =>
    deliveryPage(app, params.webhookId, readQuery(request, deliveryQuery)),
);
