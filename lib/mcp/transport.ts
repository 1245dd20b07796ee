import type { Transport } from "@modelcontextprotocol/client";
import type { OutboundFetch } from "@/lib/net/outbound-fetch";
import type { Bearer } from "./bearer";
import { StreamableHttpTransport } from "./http-transport";
import { serverFetch } from "./server-fetch";
import { onlyShallow } from "./shallow-messages";
import { SseTransport } from "./sse-transport";
import type { StdioServers } from "./stdio/launch";
import { createStdioTransport } from "./stdio-transport";
import type { McpTarget } from "./target";

/**
 * The way to a server, not yet started; `stderr` is what a stdio server has written there, else "".
 *
 * @throws McpServerError a program of the server's cannot be started here
 */
export async function createTransport(
  target: McpTarget,
  bearer: Bearer | null,
  deps: { outbound: OutboundFetch; now: () => Date; stdio: Pick<StdioServers, "launch"> },
): Promise<{ transport: Transport; stderr: () => string }> {
  const { endpoint, serverId, serverName } = target;
  if (endpoint.transport === "STDIO") {
    const launch = await deps.stdio.launch({ serverId, serverName, ...endpoint });
    const { transport, stderr } = createStdioTransport(launch);
    return { transport: onlyShallow(transport), stderr };
  }
  const url = new URL(endpoint.url);
  const options = {
    fetch: serverFetch(target, url, bearer, deps),
    headers: endpoint.headers,
  };
  const transport =
    endpoint.transport === "SSE"
      ? onlyShallow(new SseTransport(url, options))
      : new StreamableHttpTransport({ url, ...options });
  return { transport, stderr: () => "" };
}
