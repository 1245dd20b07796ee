"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { counted } from "@/components/mcp-servers/server-words";
import { listed } from "@/components/ui/list/listed";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { revokeConnection } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

export function RevokeDialog({
  server,
  open,
  onClose,
}: {
  server: McpServerDetail;
  open: boolean;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();

  async function revoke() {
    const { provider, message } = await revokeConnection(server.id, "server");
    const tell = provider === "failed" ? toast.warning : toast.success;
    tell(`${server.name} was revoked`, { description: message });
    void mcpServerChanged(queryClient, server.id);
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={`Revoke access to ${server.name}?`}
      consequences={consequencesOfRevoking(server)}
      confirmLabel="Revoke"
      onConfirm={revoke}
    />
  );
}

function consequencesOfRevoking(server: McpServerDetail): string[] {
  const perUser = server.tokenSharing === "PER_USER";
  return [
    perUser
      ? `The stored tokens of ${counted(storedAccounts(server.people), "person", "people")} are deleted, and authorizations under way end.`
      : "The stored tokens are deleted, and authorizations under way end.",
    server.oauthClient?.revocationEndpoint
      ? "The provider is told to revoke them, too."
      : "The provider is not told, as no revocation URL is set: access tokens stay valid there until they end.",
    server.assistants.length > 0
      ? `${listed(server.assistants.map(({ name }) => name))} cannot call it until ${perUser ? "people authorize" : "an admin authorizes"} again.`
      : "Calls fail until somebody authorizes again.",
  ];
}
