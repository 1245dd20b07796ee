import type { Metadata } from "next";
import { AssistantList } from "@/components/assistants/assistant-list";
import { PageOf } from "@/components/session/session-guard";
import { requirePermission } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export const metadata: Metadata = { title: "Assistants" };

export default async function Page() {
  const user = await requirePermission("assistants.view");
  const { role } = user;
  return (
    <PageOf user={user}>
      <AssistantList managesAssistants={permits(role, "assistants.manage")} />
    </PageOf>
  );
}
