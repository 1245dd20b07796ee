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
    "Disconnected here. The provider could not be reached to revoke the access; Usher keeps trying for 7 days.",
  pending:
    "Disconnected here. The provider is slow to answer; the server's recent flows show whether it has revoked the access.",
  keys_deleted:
    "Deleted here. A key stays valid where it was created until it is deleted there as well.",
  nothing_to_revoke: "Nothing was connected. Authorizations in progress were cancelled.",
};

/** Revoking a token does not end access that a person's sign-in gives. Says who can end it. */
export const returnsAtNextCallWords =
  "The next call gets a new token while your identity provider allows it. To end somebody’s access, remove them there, or take away their access to this server.";

/**
 * The outcome of a disconnect, for people.
 * @param format writes a time, in the reader's time zone
 */
export function revokeMessage(
  told: Pick<RevokeResult, "provider" | "accessUntil" | "returnsAtNextCall">,
  format: (iso: string) => string,
): string {
  const { accessUntil } = told;
  const message = messages[told.provider];
  const until = accessUntil && `until ${format(accessUntil)} at the latest`;
  const timed = until === null ? message : message.replace("until it expires", until);
  return told.returnsAtNextCall ? `${timed} ${returnsAtNextCallWords}` : timed;
}
