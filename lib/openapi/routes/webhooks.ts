import {
  deliveryDetail,
  deliveryPage,
  deliveryQuery,
  webhookInput,
  webhookList,
  webhookView,
  webhookWithSecret,
} from "@/lib/contracts/webhooks";
import type { ApiTopic } from "../route";

const permission = "webhooks.manage";
const input = { name: "WebhookInput", schema: webhookInput };
const webhook = { name: "Webhook", schema: webhookView };
const withSecret = { name: "WebhookWithSecret", schema: webhookWithSecret };
const delivery = { name: "Delivery", schema: deliveryDetail };

export const webhookRoutes: ApiTopic = {
  title: "Webhooks",
  routes: [
    {
      method: "GET",
      path: "/api/webhooks",
      summary: "List webhooks",
      permission,
      answer: { status: 200, json: { name: "WebhookList", schema: webhookList } },
    },
    {
      method: "POST",
      path: "/api/webhooks",
      summary: "Add a webhook",
      description: "The answer holds the signing secret, this once.",
      permission,
      body: input,
      answer: { status: 201, json: withSecret },
      errors: [409],
    },
    {
      method: "GET",
      path: "/api/webhooks/{webhookId}",
      summary: "Get a webhook",
      permission,
      answer: { status: 200, json: webhook },
    },
    {
      method: "PUT",
      path: "/api/webhooks/{webhookId}",
      summary: "Change a webhook",
      permission,
      body: input,
      answer: { status: 200, json: webhook },
    },
    {
      method: "DELETE",
      path: "/api/webhooks/{webhookId}",
      summary: "Delete a webhook with its deliveries",
      permission,
      answer: { status: 204 },
    },
    {
      method: "POST",
      path: "/api/webhooks/{webhookId}/secret",
      summary: "Rotate the signing secret",
      description:
        "The answer holds the new one, this once. The one before signs too for 24 hours.",
      permission,
      answer: { status: 200, json: withSecret },
      errors: [409],
    },
    {
      method: "POST",
      path: "/api/webhooks/{webhookId}/test",
      summary: "Send a test event",
      description: "Waits for the receiver's answer, 15 seconds at most.",
      permission,
      answer: { status: 200, json: delivery },
      errors: [409],
    },
    {
      method: "GET",
      path: "/api/webhooks/{webhookId}/deliveries",
      summary: "List the deliveries of a webhook",
      description: "Of the last 30 days, newest first. 50 a page.",
      permission,
      query: deliveryQuery,
      answer: { status: 200, json: { name: "DeliveryPage", schema: deliveryPage } },
    },
    {
      method: "GET",
      path: "/api/webhooks/{webhookId}/deliveries/{deliveryId}",
      summary: "Get a delivery with its attempts",
      permission,
      answer: { status: 200, json: delivery },
    },
    {
      method: "POST",
      path: "/api/webhooks/{webhookId}/deliveries/{deliveryId}/resend",
      summary: "Resend a delivery",
      description: "With the same `webhook-id`. Waits for the receiver's answer.",
      permission,
      answer: { status: 200, json: delivery },
      errors: [409],
    },
  ],
};
