import { countStandings, standingOf } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import type { Database } from "@/lib/db/client";
import { findMcpServerPage } from "@/lib/db/mcp-server";
import { listPeoplesTokens } from "@/lib/db/stored-token-set";
import { NotFoundError } from "@/lib/errors";
import { type StdioSituation, viewDetail } from "@/lib/servers/view";
import { viewConnection } from "./connection-view";

/** A server's page: its settings without secrets, its tools, and how the viewer is connected. */
export async function serverDetail(
  ctx: { db: Database; now: () => Date; stdio: StdioSituation },
  serverId: string,
  viewerId: string,
): Promise<McpServerDetail> {
  const row = await findMcpServerPage(ctx.db, serverId, viewerId);
  if (!row) throw new NotFoundError("This MCP server was deleted.");
  const peoples = await listPeoplesTokens(ctx.db, serverId);
  const now = ctx.now();
  const people = countStandings(peoples.map((facts) => standingOf(facts, now)));
  const viewOf = (each: typeof row) => viewConnection(each, viewerId, now);
  return viewDetail(row, people, viewOf, ctx.stdio, now);
}
