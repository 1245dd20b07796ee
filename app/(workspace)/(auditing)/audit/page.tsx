import type { Metadata } from "next";
import { AuditPage } from "@/components/audit/audit-page";
import { PageOf } from "@/components/session/session-guard";
import { requirePermission } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Audit" };

export default async function Page() {
  const user = await requirePermission("audit.view");
  return (
    <PageOf user={user}>
      <AuditPage />
    </PageOf>
  );
}
