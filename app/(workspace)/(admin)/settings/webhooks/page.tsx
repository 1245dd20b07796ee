import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { WebhooksPage } from "@/components/webhooks/webhooks-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Webhooks" };

export default async function Page() {
  return (
    <PageOf user={await requireAdmin()}>
      <WebhooksPage />
    </PageOf>
  );
}
