import { insertAuditEvent } from "@/lib/db/audit-event";
import { deleteMcpServer } from "@/lib/db/mcp-server";
import { NotFoundError } from "@/lib/errors";
import type { SignedInUser } from "@/lib/session/session-user";
import { type RevokeContext, revoke } from "./revoke";

/** Ends its access at the provider as well: nobody could do it from here afterwards. */
export async function deleteServer(
  ctx: RevokeContext,
  actor: SignedInUser,
  serverId: string,
  serverName: string,
): Promise<void> {
  await revoke(ctx, actor, { serverId });
  if (!(await deleteMcpServer(ctx.db, serverId))) {
    throw new NotFoundError("This MCP server was already deleted.");
  }
  await insertAuditEvent(ctx.db, {
    action: "server.delete",
    actorId: actor.id,
    actorEmail: actor.email,
    serverId,
    serverName,
  });
}
