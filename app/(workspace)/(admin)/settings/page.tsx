import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { SettingsPage } from "@/components/settings/settings-page";
import { FirstData } from "@/components/ui/first-data";
import { app } from "@/lib/app/current";
import { firstData } from "@/lib/http/page-data";
import { settingsQuery } from "@/lib/queries/settings";
import { requireAdmin } from "@/lib/session/current-user";
import { viewSettings } from "@/lib/support/view-settings";

export const metadata: Metadata = { title: "Settings" };

export default async function Page() {
  const user = await requireAdmin();
  const { queryKey } = settingsQuery();
  return (
    <PageOf user={user}>
      <FirstData json={await firstData({ queryKey, queryFn: () => viewSettings(app()) })}>
        <SettingsPage />
      </FirstData>
    </PageOf>
  );
}
