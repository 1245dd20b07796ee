import type { Metadata } from "next";
import { SettingsPage } from "@/components/settings/settings-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Settings" };

export default async function Page() {
  await requireAdmin();
  return <SettingsPage />;
}
