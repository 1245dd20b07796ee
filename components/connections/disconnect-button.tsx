"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { formatDateTime } from "@/lib/contracts/format";
import { revokeConnection } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

const ofDisconnecting = [
  "Your tokens are deleted here, and the provider is asked to revoke them.",
  "Assistants cannot use your account until you authorize again.",
  "Other people’s accounts are not affected.",
];
const thenOrganizations =
  "Your next call uses the access that your organization gives you, if it does.";
const ofDeletingKey = [
  "Your key is deleted here. It stays valid at the provider until you delete it there.",
  "Assistants cannot use this server for you until you enter a key again.",
  "Other people’s keys are not affected.",
];

/** Ends the viewer's own account at one server, and no one else's. */
export function DisconnectButton({
  serverId,
  serverName,
  ofKey = false,
  byOrganization = false,
}: {
  serverId: string;
  serverName: string;
  /** It uses a key that they entered. */
  ofKey?: boolean;
  /** Once it is disconnected, calls use the organization's account. */
  byOrganization?: boolean;
}) {
  const queryClient = useQueryClient();

  async function disconnect() {
    const result = await revokeConnection(serverId, "mine");
    toast.success(serverName, { description: revokeMessage(result, formatDateTime) });
    void mcpServerChanged(queryClient, serverId);
  }

  const ofAccount = byOrganization ? [...ofDisconnecting, thenOrganizations] : ofDisconnecting;
  const label = ofKey ? "Delete key" : "Disconnect";
  return (
    <ConfirmDialog
      trigger={
        <Button>
          {label}
          <span className="sr-only"> {serverName}</span>
        </Button>
      }
      title={ofKey ? `Delete your ${serverName} key?` : `Disconnect your ${serverName} account?`}
      consequences={ofKey ? ofDeletingKey : ofAccount}
      confirmLabel={label}
      onConfirm={disconnect}
    />
  );
}
