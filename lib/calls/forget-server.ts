import type { McpConnections } from "@/lib/mcp/connections";
import type { EndpointCache } from "@/lib/servers/open-endpoint";
import type { TokenCache } from "@/lib/tokens/token-cache";

/**
 * After a change: the next call reads anew and connects anew.
 * @param ownerKey whose account changed; absent: the server itself did
 */
export function forgetServer(
  ctx: { mcp: McpConnections; tokenCache: TokenCache; endpointCache: EndpointCache },
  serverId: string,
  ownerKey?: string,
): void {
  ctx.endpointCache.drop((key) => key === serverId);
  ctx.tokenCache.drop(serverId, ownerKey);
  ctx.mcp.drop(serverId, ownerKey);
}
