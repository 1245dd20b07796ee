import type { Transport } from "@modelcontextprotocol/client";
import type { OutboundFetch } from "@/lib/net/outbound-fetch";
import type { Bearer } from "./bearer";
import { StreamableHttpTransport } from "./http-transport";
import { serverFetch } from "./server-fetch";
import { SseTransport } from "./sse-transport";
import { createStdioTransport } from "./stdio-transport";
import type { McpTarget } from "./target";

/** The way to a server, not yet started; `stderr` is what a stdio server has written there, else "". */
export function createTransport(
  target: McpTarget,
  bearer: Bearer | null,
  deps: { outbound: OutboundFetch; now: () => Date },
): { transport: Transport; stderr: () => string } {
  const { endpoint } = target;
  if (endpoint.transport === "STDIO") return createStdioTransport(endpoint);
  const url = new URL(endpoint.url);
  const options = {
    fetch: serverFetch(target, url, bearer, deps),
    headers: endpoint.headers,
  };
  const transport =
    endpoint.transport === "SSE"
      ? new SseTransport(url, options)
      : new StreamableHttpTransport({ url, ...options });
  return { transport, stderr: () => "" };
}
