import type { Database } from "@/lib/db/client";
import type { OAuthClientRow } from "@/lib/db/mcp-server";
import { saveRegistrationForgotten } from "@/lib/db/oauth-client";
import type { StoredTokenSetRow } from "@/lib/db/stored-token-set";
import type { OAuthClient } from "@/lib/oauth/client";
import type { RefreshFailure } from "@/lib/oauth/refresh-failure";

/** Whether these tokens were granted to this client, by this provider. No other one gets to see them. */
export function isGrantedTo(
  row: Pick<StoredTokenSetRow, "clientId" | "tokenEndpoint">,
  client: Pick<OAuthClient, "clientId" | "tokenEndpoint">,
): boolean {
  if (row.clientId === null || row.tokenEndpoint === null) return true;
  return row.clientId === client.clientId && row.tokenEndpoint === client.tokenEndpoint;
}

/**
 * The provider does not know the client. One that a person entered may be mistyped, and the tokens
 * stay; one that Usher registered by itself is gone, and what was granted to it with it.
 * @returns what the failure means then; false where a person has to look
 */
export async function noteForgotten(
  ctx: { db: Database },
  { serverId, clientId, registration, tokenEndpoint }: OAuthClientRow,
): Promise<RefreshFailure | false> {
  if (registration === "PRE_REGISTERED") return false;
  await saveRegistrationForgotten(ctx.db, serverId, clientId);
  return {
    outcome: "needs_authorization",
    reason: `${new URL(tokenEndpoint).host} no longer knows Usher as a client. Authorize again: Usher registers there anew by itself.`,
    retryAfterMs: null,
  };
}
