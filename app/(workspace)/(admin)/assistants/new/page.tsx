import type { Metadata } from "next";
import { NewAssistant } from "@/components/assistants/new-assistant";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "New assistant" };

export default async function Page() {
  await requireAdmin();
  return <NewAssistant />;
}
