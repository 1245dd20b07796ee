import { dehydrate, QueryClient } from "@tanstack/react-query";
import type { Metadata } from "next";
import { PageOf } from "@/components/session/page-of";
import { SettingsPage } from "@/components/settings/settings-page";
import { FirstData } from "@/components/ui/first-data";
import { app } from "@/lib/app";
import { settingsQuery } from "@/lib/queries/settings";
import { requireAdmin } from "@/lib/session/current-user";
import { viewSettings } from "@/lib/support/view-settings";

export const metadata: Metadata = { title: "Settings" };

export default async function Page() {
  const user = await requireAdmin();
  const queries = new QueryClient();
  // What fails here is asked for again, and told, by the page.
  await queries.prefetchQuery({ ...settingsQuery(), queryFn: () => viewSettings(app()) });
  return (
    <PageOf user={user}>
      <FirstData json={JSON.stringify(dehydrate(queries))}>
        <SettingsPage />
      </FirstData>
    </PageOf>
  );
}
