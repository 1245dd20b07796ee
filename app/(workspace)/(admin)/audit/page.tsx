import type { Metadata } from "next";
import { AuditPage } from "@/components/audit/audit-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Audit" };

export default async function Page() {
  await requireAdmin();
  return <AuditPage />;
}
