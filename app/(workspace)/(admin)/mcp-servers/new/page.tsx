import type { Metadata } from "next";
import { NewServer } from "@/components/mcp-servers/server-editor";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "New MCP Server" };

export default async function NewMcpServerPage() {
  await requireAdmin();
  return <NewServer />;
}
