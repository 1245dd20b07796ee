import type { Metadata } from "next";
import { ServerList } from "@/components/mcp-servers/server-list";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "MCP Servers" };

export default async function McpServersPage() {
  await requireAdmin();
  return <ServerList />;
}
