import { asksForKeys } from "@/lib/contracts/servers/kinds";
import { personalHeadersOf } from "@/lib/contracts/servers/personal-headers";
import type { ServerSettings } from "@/lib/contracts/servers/settings";
import { findTokenSet } from "@/lib/db/stored-token-set";
import type { BearerSource, CallLimits, McpTarget } from "@/lib/mcp/target";
import { type EndpointCache, openEndpoint, ownerKeyOf } from "@/lib/servers/open-endpoint";
import { bearerSource, keepForCall, notConnectedWords } from "@/lib/tokens/access-token";
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
    bearer = bearerSource(ctx, owner, { serverVersion: server.version, evenIfRefused });
    // The tokens were not read along if the server was cached.
    if (tokens !== undefined || ctx.tokenCache.get(owner) === null) {
      const stored =
        tokens ?? (await ctx.tokenCache.read(owner, ticket, () => findTokenSet(ctx.db, owner)));
      if (stored) keepForCall(ctx, stored, ticket);
      notConnected = stored === null;
    }
  }
  return { ...target, bearer, ...(notConnected ? { notConnected: notConnectedWords } : {}) };
}

function callLimitsOf({ callTimeoutSeconds, callLimitSeconds }: ServerSettings): CallLimits {
  return { silenceMs: callTimeoutSeconds * 1000, totalMs: callLimitSeconds * 1000 };
}
