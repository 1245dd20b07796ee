import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { deleteMcpServer } from "@/lib/db/mcp-server";
import { NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { type RevokeContext, revoke } from "./revoke";

/** Ends its access at the provider as well: nobody could do it from here afterwards. */
export async function deleteServer(
  ctx: RevokeContext,
  actor: Actor,
  serverId: string,
  serverName: string,
): Promise<void> {
  await revoke(ctx, actor, { serverId });
  if (!(await deleteMcpServer(ctx.db, serverId))) {
    throw new NotFoundError("This MCP server was already deleted.");
  }
  ctx.forget(serverId);
  await insertAuditEvent(ctx.db, {
    action: "server.delete",
    ...by(actor),
    serverId,
    serverName,
  });
}
