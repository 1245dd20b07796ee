import type { ReactNode } from "react";
import { requireAdmin } from "@/lib/session/current-user";

/** Each page asks again, as the router may want a page without its layouts. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  await requireAdmin();
  return children;
}
