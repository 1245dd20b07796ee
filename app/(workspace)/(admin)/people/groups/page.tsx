import type { Metadata } from "next";
import { GroupsPage } from "@/components/access/groups-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Groups" };

export default async function Page() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <GroupsPage />
    </PageOf>
  );
}
