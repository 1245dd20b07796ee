import type { Metadata } from "next";
import { NewGroupPage } from "@/components/access/group-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "New group" };

export default async function Page() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <NewGroupPage />
    </PageOf>
  );
}
