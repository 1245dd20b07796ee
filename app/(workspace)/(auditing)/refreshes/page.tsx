import type { Metadata } from "next";
import { RefreshesPage } from "@/components/refreshes/refreshes-page";
import { PageOf } from "@/components/session/session-guard";
import { requirePermission } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export const metadata: Metadata = { title: "Refreshes" };

export default async function Page() {
  const user = await requirePermission("refreshes.view");
  return (
    <PageOf user={user}>
      <RefreshesPage manages={permits(user.role, "settings.view")} />
    </PageOf>
  );
}
