import type { Metadata } from "next";
import { NewAssistant } from "@/components/assistants/assistant-editor";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "New assistant" };

export default async function Page() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <NewAssistant />
    </PageOf>
  );
}
