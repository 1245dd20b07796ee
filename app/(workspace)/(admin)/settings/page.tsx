import type { Metadata } from "next";
import { PageOf } from "@/components/session/page-of";
import { SettingsPage } from "@/components/settings/settings-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Settings" };

export default async function Page() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <SettingsPage />
    </PageOf>
  );
}
