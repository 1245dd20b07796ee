import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { WebhookPage } from "@/components/webhooks/webhook-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Webhook" };

export default async function Page({ params }: { params: Promise<{ webhookId: string }> }) {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <WebhookPage webhookId={(await params).webhookId} />
    </PageOf>
  );
}
