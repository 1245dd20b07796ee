import type { Metadata } from "next";
import { NoticesPage } from "@/components/notices/notices-page";
import { PageOf } from "@/components/session/session-guard";
import { requirePermission } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Notices" };

export default async function Page() {
  const user = await requirePermission("notices.view");
  return (
    <PageOf user={user}>
      <NoticesPage />
    </PageOf>
  );
}
