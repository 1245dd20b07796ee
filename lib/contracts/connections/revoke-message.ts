import type { RevokeResult } from "@/lib/contracts/connections/connection";

const messages: Record<RevokeResult["provider"], string> = {
  revoked: "Disconnected. The provider has revoked the access as well.",
  revoked_but_token_lasts:
    "Disconnected. The provider has revoked the access: it can't be renewed any more. MCP servers check its access token on their own, so it may work until it expires.",
  no_endpoint:
    "Disconnected. No revocation URL is set for this provider, so the access token stays valid until it expires. You can also remove Usher in the provider's settings.",
  failed:
    "Disconnected here. The provider refused to revoke the access; remove Usher in the provider's settings to be sure.",
  retrying:
    "Disconnected here. The provider could not be reached to revoke the access; Usher tries again for 7 days.",
  pending:
    "Disconnected here. The provider is slow to answer; the server's recent flows show whether it revoked the access.",
  keys_deleted:
    "Deleted here. A key stays valid where it was created until it is deleted there as well.",
  nothing_to_revoke: "Nothing was connected. Authorizations under way were ended.",
};

/**
 * What a disconnect led to, for people.
 * @param format writes a time, in the reader's time zone
 */
export function revokeMessage(
  { provider, accessUntil }: Pick<RevokeResult, "provider" | "accessUntil">,
  format: (iso: string) => string,
): string {
  const message = messages[provider];
  if (accessUntil === null) return message;
  return message.replace("until it expires", `until ${format(accessUntil)} at the latest`);
}
