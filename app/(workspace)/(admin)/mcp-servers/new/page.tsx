import type { Metadata } from "next";
import { NewServer } from "@/components/mcp-servers/choice/new-server";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "New MCP Server" };

export default async function NewMcpServerPage() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <NewServer />
    </PageOf>
  );
}
