import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import {
  accountUsed,
  sharingOf,
  startsProgram,
  storedCredential,
  type TokenSharing,
} from "@/lib/contracts/servers/kinds";
import type { Database } from "@/lib/db/client";
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { isStepUpPending } from "@/lib/oauth/scope";
import { ownerKeyOf } from "@/lib/servers/open-endpoint";
import { viewConnection } from "@/lib/tokens/connection-view";

export interface AccountDescription {
  serverName: string;
  tokenSharing: TokenSharing | null;
  /** For the card of a tool call. */
  actingAs: string;
  /** Whether a call could be made now, as far as is known without trying. False if it needs more scopes. */
  connected: boolean;
}

/** The account that a person's call to this server uses. Null: the server does not exist any more. */
export async function describeAccount(
  ctx: { db: Database; now: () => Date },
  serverId: string,
  user: { id: string; name: string },
): Promise<AccountDescription | null> {
  const server = await findMcpServerPage(ctx.db, serverId, user.id);
  if (!server) return null;
  const { name: serverName } = server;
  const connection = viewConnection(server, user.id, ctx.now());
  const tokenSharing = sharingOf(server);
  if (connection && tokenSharing) {
    return {
      serverName,
      tokenSharing,
      actingAs: inWords(tokenSharing, connection),
      connected: callsWork(connection.standing) && !wantsMore(server, user.id),
    };
  }
  const actingAs = startsProgram(server.transport)
    ? "Local process"
    : withoutAccount[storedCredential(server)];
  return { serverName, tokenSharing: null, actingAs, connected: true };
}

const withoutAccount = {
  nothing: "No sign-in",
  headers: "Stored headers",
  "oauth-client": "No account",
} as const satisfies Record<ReturnType<typeof storedCredential>, string>;

function inWords(
  tokenSharing: TokenSharing,
  { accountName, authorizedBy, personalKey }: ConnectionView,
): string {
  if (personalKey) return accountName === null ? "Your own key" : `Your own key for ${accountName}`;
  if (accountUsed(tokenSharing) === "person") {
    return accountName === null ? "Your account" : `Your account ${accountName}`;
  }
  const named = accountName === null ? "Shared account" : `Shared account ${accountName}`;
  return authorizedBy === null ? named : `${named} (authorized by ${authorizedBy})`;
}

function wantsMore(server: McpServerPageRow, userId: string): boolean {
  const ownerKey = ownerKeyOf(server, userId);
  const tokens = server.storedTokenSets.find((each) => each.ownerKey === ownerKey);
  return tokens !== undefined && isStepUpPending(tokens);
}
