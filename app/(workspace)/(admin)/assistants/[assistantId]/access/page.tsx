import type { Metadata } from "next";
import { AccessPage } from "@/components/access/access-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Access" };

export default async function Page({ params }: { params: Promise<{ assistantId: string }> }) {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <AccessPage kind="assistants" id={(await params).assistantId} />
    </PageOf>
  );
}
