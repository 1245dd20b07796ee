import { storedCredential } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { ChangedBy, NewAuditEvent } from "@/lib/db/audit-event";
import { settingsForAudit } from "./header-columns";

/** Written with the change itself, in one transaction; null: nobody is to be named. */
export function serverEvent(
  action: "server.create" | "server.change" | "server.delete",
  server: { id: string; name: string },
  by: ChangedBy | undefined,
  details: NewAuditEvent["details"] = {},
): NewAuditEvent | null {
  if (!by) return null;
  const all = { ...details, ...by.details };
  return { ...by, action, serverId: server.id, serverName: server.name, details: all };
}

/** An admin's confirmations in this save, and what they set, for the audit. */
export function decisions(input: McpServerInput) {
  const set = settingsForAudit(input);
  if (storedCredential(input) !== "oauth-client") return set;
  const { s256Confirmed, issuer, issuerAlias, issuerAccepted } = input.oauth;
  return {
    ...set,
    ...(s256Confirmed ? { s256Confirmed } : {}),
    ...(issuerAccepted && issuerAlias ? { acceptedIssuer: issuer, insteadOf: issuerAlias } : {}),
  };
}
