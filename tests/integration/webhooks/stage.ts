import { GET as deliveriesRoute } from "@/app/api/webhooks/[webhookId]/deliveries/route";
import { PUT as editRoute, GET as webhookRoute } from "@/app/api/webhooks/[webhookId]/route";
import { POST as createRoute } from "@/app/api/webhooks/route";
import type { DeliveryView, WebhookInput, WebhookView } from "@/lib/contracts/webhooks";
import type { Visitor } from "@/tests/support/visitor";

export const input = (url: string, more: Partial<WebhookInput> = {}): WebhookInput => ({
  ...{ url, description: "", eventTypes: ["notice.opened"], enabled: true },
  ...more,
});

export async function addWebhook(
  admin: Visitor,
  url: string,
  more: Partial<WebhookInput> = {},
): Promise<{ id: string; secret: string }> {
  const answer = await admin.visit(createRoute, {
    ...{ path: "/api/webhooks", json: input(url, more) },
  });
  if (answer.status !== 201) throw new Error(await answer.text());
  const { webhook, secret } = await answer.json();
  return { id: webhook.id, secret };
}

export async function webhookOf(admin: Visitor, webhookId: string): Promise<WebhookView> {
  const path = `/api/webhooks/${webhookId}`;
  return (await admin.visit(webhookRoute, { path, params: { webhookId } })).json();
}

export function edit(admin: Visitor, webhookId: string, json: WebhookInput): Promise<Response> {
  const path = `/api/webhooks/${webhookId}`;
  return admin.visit(editRoute, { path, method: "PUT", params: { webhookId }, json });
}

export async function deliveriesOf(
  admin: Visitor,
  webhookId: string,
  query = "",
): Promise<DeliveryView[]> {
  const path = `/api/webhooks/${webhookId}/deliveries${query}`;
  const answer = await admin.visit(deliveriesRoute, { path, params: { webhookId } });
  return (await answer.json()).deliveries;
}
