import type { TokenSharing } from "@/lib/contracts/connection";
import { formatNumber } from "@/lib/contracts/format";
import type {
  AuthenticationType,
  McpServerSummary,
  TokenEndpointAuthMethod,
  Transport,
} from "@/lib/contracts/mcp-server";

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
};

export const tokenEndpointAuthMethodNames: Record<TokenEndpointAuthMethod, string> = {
  CLIENT_SECRET_BASIC: "Basic (secret in the Authorization header)",
  CLIENT_SECRET_POST: "Post (secret in the body)",
  NONE: "None (public client)",
};

/** Where the server is: its URL, or the command that starts it. */
export function addressOf(server: Pick<McpServerSummary, "url" | "command">): string {
  return server.url ?? server.command ?? "";
}

/** "1 tool", "12 tools". */
export function counted(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** "A", "A and B", "A, B and 3 others". */
export function listed(names: readonly string[], atMost = 3): string {
  const shown = names.slice(0, atMost);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${counted(rest, "other", "others")}`;
  const last = shown.pop() ?? "";
  return shown.length > 0 ? `${shown.join(", ")} and ${last}` : last;
}
