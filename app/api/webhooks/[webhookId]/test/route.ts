import { handle } from "@/lib/http/handle";
import { sendTestEvent } from "@/lib/webhooks/delivery-log";

export const POST = handle<{ webhookId: string }>("webhooks.manage", ({ app, user, params }) =>
  sendTestEvent(app, user, params.webhookId),
);
