import { type AccessUser, decideFor, mayUseServer } from "@/lib/access/read-access";
import type { ConnectionDetail, ConnectionListItem } from "@/lib/contracts/connections/connection";
import { type GrantType, grantedFor, sharingOf } from "@/lib/contracts/servers/kinds";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings } from "@/lib/contracts/servers/settings";
import type { Database } from "@/lib/db/client";
import { type ConnectedServerRow, listConnectedServers } from "@/lib/db/lists/mcp-servers";
import { findMcpServerPage } from "@/lib/db/mcp-server";
import { viewConnection, viewConnectionSummary } from "./connection-view";

interface Context {
  db: Database;
  now: () => Date;
}

/**
 * The servers that act with OAuth tokens or people's own keys, with one person's state at each: those that
 * they may use. An auditor uses none, and reads all.
 */
export async function listConnections(
  ctx: Context,
  user: AccessUser,
): Promise<ConnectionListItem[]> {
  const rows = await listConnectedServers(ctx.db, user.id);
  const now = ctx.now();
  return rows.flatMap((row) => {
    if (user.role !== "AUDITOR" && !decideFor(user, row).may) return [];
    return withServer(row, viewConnectionSummary(row, user.id, now)) ?? [];
  });
}

/** Null if there is no such connection, or this person has no access to the server. */
export async function findConnection(
  ctx: Context,
  user: AccessUser,
  serverId: string,
): Promise<Omit<ConnectionDetail, "mayAuthorize"> | null> {
  const [row, may] = await Promise.all([
    findMcpServerPage(ctx.db, serverId, user.id),
    user.role === "AUDITOR" || mayUseServer(ctx.db, user, serverId),
  ]);
  const found = row && may ? withServer(row, viewConnection(row, user.id, ctx.now())) : null;
  return (
    found && { ...found, ownConsent: row?.oauthClient ? allowsOwnConsent(row.oauthClient) : false }
  );
}

/** If access comes from the organization: whether people may connect their own account instead. */
function allowsOwnConsent({
  grantType,
  settings,
}: {
  grantType: GrantType;
  settings: unknown;
}): boolean {
  const { ownConsent } = readSettings(oauthSettings, settings);
  return grantedFor(grantType) === "sign-in" && ownConsent;
}

function withServer<View>(row: ConnectedServerRow, connection: View | null) {
  const tokenSharing = sharingOf(row);
  if (connection === null || tokenSharing === null) return null;
  const { id, name, description } = row;
  return { serverId: id, serverName: name, description, tokenSharing, connection };
}
