import { type AccessUser, mayUseServer } from "@/lib/access/read-access";
import { standingOf } from "@/lib/contracts/connections/connection-standing";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet, sharedOwnerKey } from "@/lib/db/stored-token-set";
import { connectionFacts } from "@/lib/tokens/connection-view";
import { refresh } from "@/lib/tokens/refresh";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";

/**
 * For a person who does not want to wait for the next try. Nothing happens where the last refresh went
 * well, or was less than 5 s ago; what came of it is stored.
 */
export async function tryAgainNow(
  ctx: RefreshContext,
  user: AccessUser,
  serverId: string,
): Promise<void> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server?.oauthClient || !(await mayUseServer(ctx.db, user, serverId))) return;
  const isShared = server.oauthClient.tokenSharing === "SHARED";
  const owner = { serverId, ownerKey: isShared ? sharedOwnerKey : user.id };
  const row = await findTokenSet(ctx.db, owner);
  if (!row || standingOf(connectionFacts(row), ctx.now()).status !== "retrying") return;
  await refresh(ctx, owner, row.version, "person");
}
