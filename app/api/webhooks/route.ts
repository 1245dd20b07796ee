import { webhookInput } from "@/lib/contracts/webhooks";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { createWebhook, viewWebhooks } from "@/lib/webhooks/manage";

export const GET = handle("webhooks.manage", ({ app }) => viewWebhooks(app));

/** The response contains the signing secret, once. */
export const POST = handle("webhooks.manage", async ({ app, user, request }) => {
  const created = await createWebhook(app, user, await readJson(request, webhookInput));
  return Response.json(created, { status: 201, headers: { "cache-control": "no-store" } });
});
