import type { Metadata } from "next";
import { EditServer } from "@/components/mcp-servers/server-editor";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Edit MCP server" };

export default async function EditMcpServerPage({
  params,
}: {
  params: Promise<{ serverId: string }>;
}) {
  await requireAdmin();
  const { serverId } = await params;
  return <EditServer key={serverId} serverId={serverId} />;
}
