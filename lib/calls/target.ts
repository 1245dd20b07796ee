import type { BearerSource, McpTarget } from "@/lib/mcp/target";
import { type EndpointCache, openEndpoint, ownerKeyOf } from "@/lib/servers/open-endpoint";
import { bearerSource, keepForCall } from "@/lib/tokens/access-token";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";

/** A server as this person may call it: its address, its secrets, and the right account's tokens. */
export async function targetFor(
  ctx: RefreshContext & { endpointCache: EndpointCache },
  serverId: string,
  userId: string,
  evenIfRefused = false,
): Promise<McpTarget> {
  const ticket = ctx.tokenCache.ticket();
  const { server, endpoint, discovery, tokens } = await openEndpoint(ctx, serverId, userId);
  if (tokens) keepForCall(ctx, tokens, ticket);
  const ownerKey = ownerKeyOf(server, userId);
  const bearer: BearerSource | null = server.oauthClient
    ? bearerSource(ctx, { serverId, ownerKey }, { serverVersion: server.version, evenIfRefused })
    : null;
  return {
    serverId,
    serverName: server.name,
    version: server.version,
    ownerKey,
    endpoint,
    storedEra: discovery,
    bearer,
  };
}
