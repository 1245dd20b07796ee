import type { Metadata } from "next";
import { EditAssistant } from "@/components/assistants/assistant-editor";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Assistant" };

export default async function Page({ params }: { params: Promise<{ assistantId: string }> }) {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <EditAssistant assistantId={(await params).assistantId} />
    </PageOf>
  );
}
