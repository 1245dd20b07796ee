"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { revokeConnection } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

/** Ends the viewer's own account at one server, nobody else's. */
export function DisconnectButton({
  serverId,
  serverName,
}: {
  serverId: string;
  serverName: string;
}) {
  const queryClient = useQueryClient();

  async function disconnect() {
    const { message } = await revokeConnection(serverId, "mine");
    toast.success(serverName, { description: message });
    void mcpServerChanged(queryClient, serverId);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button>
          Disconnect<span className="sr-only"> {serverName}</span>
        </Button>
      }
      title={`Disconnect your ${serverName} account?`}
      consequences={[
        "Your tokens are deleted here, and the provider is asked to revoke them.",
        "Assistants cannot use your account until you authorize again.",
        "Other people’s accounts are not affected.",
      ]}
      confirmLabel="Disconnect"
      onConfirm={disconnect}
    />
  );
}
