import type { Metadata } from "next";
import { RefreshesPage } from "@/components/refreshes/refreshes-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Refreshes" };

export default async function Page() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <RefreshesPage />
    </PageOf>
  );
}
