import type { Metadata } from "next";
import { EditServer } from "@/components/mcp-servers/form/server-editor";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Edit MCP server" };

export default async function EditMcpServerPage({
  params,
}: {
  params: Promise<{ serverId: string }>;
}) {
  const user = await requireAdmin();
  const { serverId } = await params;
  return (
    <PageOf user={user}>
      <EditServer key={serverId} serverId={serverId} />
    </PageOf>
  );
}
