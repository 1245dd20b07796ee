"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { counted } from "@/components/mcp-servers/server-words";
import { listed } from "@/components/ui/list/listed";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { deleteMcpServer, mcpServersQuery } from "@/lib/queries/mcp-servers";

export function DeleteDialog({
  server,
  open,
  onClose,
}: {
  server: McpServerDetail;
  open: boolean;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const router = useRouter();

  async function remove() {
    await deleteMcpServer(server.id);
    toast.success(`${server.name} was deleted`);
    // The page of what is gone is left before anything asks for it again.
    router.replace("/mcp-servers");
    void queryClient.invalidateQueries({ queryKey: mcpServersQuery().queryKey });
    void queryClient.invalidateQueries({ queryKey: ["connections"] });
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={`Delete ${server.name}?`}
      description="This cannot be undone."
      consequences={consequencesOfDeleting(server)}
      typeToConfirm={server.name}
      confirmLabel="Delete server"
      onConfirm={remove}
    />
  );
}

function consequencesOfDeleting(server: McpServerDetail): string[] {
  const { assistants, people, connection, tokenSharing } = server;
  const working = people.connected + people.retrying;
  const lines: string[] = [];
  if (assistants.length > 0) {
    const names = listed(
      assistants.map(({ name }) => name),
      5,
    );
    lines.push(`${names} can no longer use its tools.`);
  }
  if (tokenSharing === "PER_USER" && working > 0) {
    lines.push(`${counted(working, "person is", "people are")} disconnected.`);
  }
  if (tokenSharing === "SHARED" && connection && callsWork(connection.standing)) {
    lines.push("The shared account is disconnected.");
  }
  lines.push("Its settings, secrets, tokens and list of tools are deleted.");
  return lines;
}
