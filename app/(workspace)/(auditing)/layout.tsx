import type { ReactNode } from "react";
import { requirePermission } from "@/lib/session/current-user";

/** For admins and auditors. Each page asks again, as the router may want a page without its layouts. */
export default async function AuditingLayout({ children }: { children: ReactNode }) {
  await requirePermission("audit.view");
  return children;
}
