import { formatNumber } from "@/lib/contracts/format";
import type { AuthenticationType, TokenSharing, Transport } from "@/lib/contracts/servers/kinds";
import type { McpServerSummary } from "@/lib/contracts/servers/mcp-server";

export const transportNames: Record<Transport, string> = {
  STREAMABLE_HTTP: "Streamable HTTP",
  SSE: "SSE",
  STDIO: "stdio",
};

export const authenticationNames: Record<AuthenticationType, string> = {
  NONE: "None",
  HEADERS: "Headers",
  OAUTH: "OAuth 2.0",
};

export const tokenSharingNames: Record<TokenSharing, string> = {
  SHARED: "Shared",
  PER_USER: "Per User",
  ORGANIZATION: "Organization",
};

/** Where the server is: its URL, or what its command runs. */
export function addressOf(server: Pick<McpServerSummary, "url" | "program">): string {
  return server.url ?? server.program ?? "";
}

/** "1 tool", "12 tools". */
export function counted(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
