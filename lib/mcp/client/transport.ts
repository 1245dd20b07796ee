import { type Bearer, withPersonalKey } from "@/lib/mcp/client/bearer";
import { StreamTransport } from "@/lib/mcp/client/stream-transport";
import { serverFetch } from "@/lib/mcp/http/server-fetch";
import { SseStream } from "@/lib/mcp/http/sse";
import { StreamableHttpTransport } from "@/lib/mcp/http/transport";
import type { ProcessReport } from "@/lib/mcp/server-words";
import { ServerProcess } from "@/lib/mcp/stdio/process";
import type { ConnectionDeps, McpTarget } from "@/lib/mcp/target";

/**
 * The transport to a server, not yet started; `report` is null if it is not a process.
 *
 * @throws McpServerError a server's program cannot be started here
 */
export async function createTransport(
  target: McpTarget,
  bearer: Bearer | null,
  deps: Omit<ConnectionDeps, "log">,
): Promise<{
  transport: StreamTransport | StreamableHttpTransport;
  report: () => ProcessReport | null;
}> {
  const { endpoint, serverId, serverName } = target;
  if (endpoint.transport === "STDIO") {
    const launch = await deps.stdio.launch({ serverId, serverName, ...endpoint });
    const process = new ServerProcess(launch);
    const report = () => ({ wrote: process.words, ended: process.ended });
    return { transport: new StreamTransport(process), report };
  }
  const url = new URL(endpoint.url);
  const fetch = serverFetch(target, url, bearer, deps);
  const options = {
    fetch: target.personalKey ? withPersonalKey(fetch, target.personalKey) : fetch,
    headers: endpoint.headers,
  };
  const transport =
    endpoint.transport === "SSE"
      ? new StreamTransport(new SseStream({ url, ...options }))
      : new StreamableHttpTransport({ url, ...options });
  return { transport, report: () => null };
}
