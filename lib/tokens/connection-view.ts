import type { ConnectionListItem, ConnectionView } from "@/lib/contracts/connection";
import type { Database } from "@/lib/db/client";
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { listMcpServerPages } from "@/lib/db/mcp-server-pages";
import { sharedOwnerKey } from "@/lib/db/stored-token-set";
import { connectionStatus } from "./token-set";
import { tokenFacts } from "./token-store";

/** Null unless the server uses OAuth. Of everybody where tokens are shared, else of `userId`. */
export function viewConnection(
  row: McpServerPageRow,
  userId: string,
  now: Date,
): ConnectionView | null {
  if (!row.oauthClient) return null;
  const ownerKey = row.oauthClient.tokenSharing === "SHARED" ? sharedOwnerKey : userId;
  const tokens = row.storedTokenSets.find((each) => each.ownerKey === ownerKey) ?? null;
  const facts = tokens && tokenFacts(tokens);
  const error = lastError(row, ownerKey, tokens);
  return {
    status: connectionStatus(facts, now),
    expiresAt: tokens?.expiresAt?.toISOString() ?? null,
    refreshable: facts?.refreshable ?? false,
    scope: tokens?.scope ?? null,
    obtainedAt: tokens?.obtainedAt.toISOString() ?? null,
    lastRefreshedAt: tokens?.lastRefreshedAt?.toISOString() ?? null,
    lastRefreshError: error?.message ?? null,
    lastRefreshErrorAt: error?.at.toISOString() ?? null,
    authorizedBy: tokens?.authorizedBy?.name ?? null,
    accountName: tokens?.accountName ?? null,
  };
}

/** Of a refresh, or of an authorization that came to nothing since: the newer one counts. */
function lastError(
  row: McpServerPageRow,
  ownerKey: string,
  tokens: McpServerPageRow["storedTokenSets"][number] | null,
): { message: string; at: Date } | null {
  const [request] = row.authorizationRequests;
  const ofRefresh =
    tokens?.lastRefreshError && tokens.lastRefreshErrorAt
      ? { message: tokens.lastRefreshError, at: tokens.lastRefreshErrorAt }
      : null;
  if (!request?.failure || !request.consumedAt || request.ownerKey !== ownerKey) return ofRefresh;
  const since = Math.max(tokens?.obtainedAt.getTime() ?? 0, ofRefresh?.at.getTime() ?? 0);
  if (request.consumedAt.getTime() < since) return ofRefresh;
  return { message: request.failure, at: request.consumedAt };
}

/** The servers that act with OAuth tokens, as one person stands with them. */
export async function listConnections(
  ctx: { db: Database; now: () => Date },
  userId: string,
  serverId?: string,
): Promise<ConnectionListItem[]> {
  const rows =
    serverId === undefined
      ? await listMcpServerPages(ctx.db, userId)
      : [await findMcpServerPage(ctx.db, serverId, userId)];
  return rows.flatMap((row) => {
    const connection = row && viewConnection(row, userId, ctx.now());
    if (!connection || !row.oauthClient) return [];
    const { tokenSharing } = row.oauthClient;
    const { id, name, description } = row;
    return [{ serverId: id, serverName: name, description, tokenSharing, connection }];
  });
}
