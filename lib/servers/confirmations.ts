import { storedCredential } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

/** What an admin gave their word for in this save, for the audit. */
export function confirmations(input: McpServerInput): Record<string, string | boolean> {
  if (storedCredential(input) !== "oauth-client") return {};
  const { s256Confirmed, issuer, issuerAlias, issuerAccepted } = input.oauth;
  return {
    ...(s256Confirmed ? { s256Confirmed } : {}),
    ...(issuerAccepted && issuerAlias ? { acceptedIssuer: issuer, insteadOf: issuerAlias } : {}),
  };
}
