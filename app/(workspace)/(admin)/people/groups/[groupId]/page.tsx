import type { Metadata } from "next";
import { GroupPage } from "@/components/access/group-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Group" };

export default async function Page({ params }: { params: Promise<{ groupId: string }> }) {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <GroupPage groupId={(await params).groupId} />
    </PageOf>
  );
}
