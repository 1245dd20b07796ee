import type { Metadata } from "next";
import { ServerList } from "@/components/mcp-servers/list/server-list";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "MCP Servers" };

export default async function McpServersPage() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <ServerList />
    </PageOf>
  );
}
