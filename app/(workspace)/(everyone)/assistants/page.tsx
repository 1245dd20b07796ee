import type { Metadata } from "next";
import { AssistantList } from "@/components/assistants/assistant-list";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Assistants" };

export default async function Page() {
  const { role } = await requireUser();
  return <AssistantList managesAssistants={role === "ADMIN"} />;
}
