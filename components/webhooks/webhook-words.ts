import type { Tone } from "@/components/ui/badge";
import type { DeliveryState, WebhookEventType, WebhookView } from "@/lib/contracts/webhooks";

export const eventWords: Record<WebhookEventType, string> = {
  "notice.opened": "A notice was opened: something needs attention",
  "notice.closed": "A notice was closed: its cause is fixed",
  "audit.event": "Everything that the audit records, including tool calls",
};

export const deliveryStates: Record<DeliveryState, { label: string; tone: Tone }> = {
  delivered: { label: "Delivered", tone: "success" },
  pending: { label: "Pending", tone: "warning" },
  failed: { label: "Failed", tone: "danger" },
};

export function standingOf({
  enabled,
  failingSince,
}: Pick<WebhookView, "enabled" | "failingSince">): { label: string; tone: Tone } {
  if (!enabled) return { label: "Disabled", tone: "neutral" };
  if (failingSince !== null) return { label: "Failing", tone: "danger" };
  return { label: "Enabled", tone: "success" };
}
