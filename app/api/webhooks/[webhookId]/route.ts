import { webhookInput } from "@/lib/contracts/webhooks";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { editWebhook, removeWebhook, viewWebhook, webhookToManage } from "@/lib/webhooks/manage";

interface Params {
  webhookId: string;
}

export const GET = handle<Params>("webhooks.manage", async ({ app, params }) =>
  viewWebhook(await webhookToManage(app, params.webhookId)),
);

export const PUT = handle<Params>("webhooks.manage", async ({ app, user, request, params }) =>
  editWebhook(app, user, params.webhookId, await readJson(request, webhookInput)),
);

export const DELETE = handle<Params>("webhooks.manage", ({ app, user, params }) =>
  removeWebhook(app, user, params.webhookId),
);
