import type { Metadata } from "next";
import { RefreshesPage } from "@/components/refreshes/refreshes-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Refreshes" };

export default async function Page() {
  await requireAdmin();
  return <RefreshesPage />;
}
