import type { Metadata } from "next";
import { EditAssistant } from "@/components/assistants/edit-assistant";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Assistant" };

export default async function Page({ params }: { params: Promise<{ assistantId: string }> }) {
  await requireAdmin();
  return <EditAssistant assistantId={(await params).assistantId} />;
}
