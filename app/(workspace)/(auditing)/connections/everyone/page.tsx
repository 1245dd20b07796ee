import type { Metadata } from "next";
import { ConnectionConsole } from "@/components/connections/console/connection-console";
import { PageOf } from "@/components/session/session-guard";
import { requirePermission } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export const metadata: Metadata = { title: "Everyone’s connections" };

export default async function Page() {
  const user = await requirePermission("connections.view-all");
  return (
    <PageOf user={user}>
      <ConnectionConsole manages={permits(user.role, "connections.manage")} />
    </PageOf>
  );
}
