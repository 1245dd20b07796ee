import type { Metadata } from "next";
import { authorizationOutcome } from "@/components/connections/authorization-outcome";
import { ServerDetail } from "@/components/mcp-servers/detail/server-detail";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "MCP server" };

type Props = {
  params: Promise<{ serverId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function McpServerPage({ params, searchParams }: Props) {
  const user = await requireAdmin();
  const { serverId } = await params;
  return (
    <PageOf user={user}>
      <ServerDetail
        key={serverId}
        serverId={serverId}
        outcome={authorizationOutcome(await searchParams)}
      />
    </PageOf>
  );
}
