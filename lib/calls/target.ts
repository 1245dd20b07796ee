import type { ConnectionView } from "@/lib/contracts/connections/connection";
import {
  callsWork,
  isManagedByOrganization,
} from "@/lib/contracts/connections/connection-standing";
import {
  accountUsed,
  asksForKeys,
  sharingOf,
  startsProgram,
  storedCredential,
  type TokenSharing,
} from "@/lib/contracts/servers/kinds";
import { personalHeadersOf } from "@/lib/contracts/servers/personal-headers";
import type { ServerSettings } from "@/lib/contracts/servers/settings";
import type { Database } from "@/lib/db/client";
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import type { BearerSource, CallLimits, McpTarget } from "@/lib/mcp/target";
import { isStepUpPending } from "@/lib/oauth/scope";
import { type EndpointCache, openEndpoint, ownerKeyOf } from "@/lib/servers/open-endpoint";
import { bearerSource, keepForCall, notConnectedWords } from "@/lib/tokens/access-token";
import { viewConnection } from "@/lib/tokens/connection-view";
import { expectAccount } from "@/lib/tokens/exchanged-account";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { withPersonalKey } from "./personal-key";

/**
 * A server as this person may call it: its address, secrets, and the right account's tokens. If that
 * account has no tokens, the target says so, and the call is refused before anything connects.
 */
export async function targetFor(
  ctx: RefreshContext & { endpointCache: EndpointCache },
  serverId: string,
  userId: string,
  evenIfRefused = false,
): Promise<McpTarget> {
  const ticket = ctx.tokenCache.ticket();
  const { server, endpoint, settings, discovery, tokens } = await openEndpoint(
    ctx,
    serverId,
    userId,
  );
  const owner = { serverId, ownerKey: ownerKeyOf(server, userId) };
  const target = {
    serverId,
    ownerKey: owner.ownerKey,
    serverName: server.name,
    version: server.version,
    endpoint,
    callLimits: callLimitsOf(settings),
    storedEra: discovery,
    isSwitchedOff: server.switchedOffAt !== null,
  };
  if (asksForKeys(server)) {
    const person = { headers: personalHeadersOf(settings), userId, evenIfRefused };
    return withPersonalKey(ctx, { ...target, bearer: null }, person);
  }
  let bearer: BearerSource | null = null;
  let notConnected = false;
  if (server.oauthClient) {
    const bySignIn = server.oauthClient.tokenSharing === "ORGANIZATION";
    bearer = bearerSource(ctx, owner, {
      ...{ serverVersion: server.version, evenIfRefused },
      ...(bySignIn ? { expect: () => expectAccount(ctx, owner) } : {}),
    });
    // The tokens were not read along if the server was cached.
    if (tokens !== undefined || ctx.tokenCache.get(owner) === null) {
      const stored =
        tokens ?? (await ctx.tokenCache.read(owner, ticket, () => findTokenSet(ctx.db, owner)));
      if (stored) keepForCall(ctx, stored, ticket);
      notConnected = stored === null && !bySignIn;
    }
  }
  return { ...target, bearer, ...(notConnected ? { notConnected: notConnectedWords } : {}) };
}

function callLimitsOf({ callTimeoutSeconds, callLimitSeconds }: ServerSettings): CallLimits {
  return { silenceMs: callTimeoutSeconds * 1000, totalMs: callLimitSeconds * 1000 };
}

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

function inWords(tokenSharing: TokenSharing, connection: ConnectionView): string {
  const { accountName, authorizedBy, personalKey } = connection;
  if (personalKey) return accountName === null ? "Your own key" : `Your own key for ${accountName}`;
  if (accountUsed(tokenSharing) === "person") {
    const own = accountName === null ? "Your account" : `Your account ${accountName}`;
    return isManagedByOrganization(tokenSharing, connection)
      ? `${own}, managed by your organization`
      : own;
  }
  const named = accountName === null ? "Shared account" : `Shared account ${accountName}`;
  return authorizedBy === null ? named : `${named} (authorized by ${authorizedBy})`;
}

function wantsMore(server: McpServerPageRow, userId: string): boolean {
  const ownerKey = ownerKeyOf(server, userId);
  const tokens = server.storedTokenSets.find((each) => each.ownerKey === ownerKey);
  return tokens !== undefined && isStepUpPending(tokens);
}
