import type { Metadata } from "next";
import { NewServer } from "@/components/mcp-servers/choice/new-server";
import { PageOf } from "@/components/session/session-guard";
import { app } from "@/lib/app/current";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "New MCP Server" };

export default async function NewMcpServerPage() {
  const user = await requireAdmin();
  const { registryUrl } = app().env;
  return (
    <PageOf user={user}>
      <NewServer registryHost={registryUrl && new URL(registryUrl).host} />
    </PageOf>
  );
}
