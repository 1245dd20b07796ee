"use client";

import { useQueryClient } from "@tanstack/react-query";
import {
  Copy,
  Ellipsis,
  LifeBuoy,
  Pencil,
  PlugZap,
  Power,
  Trash2,
  Unplug,
  UsersRound,
} from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { toast } from "sonner";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import {
  consequencesOfDeleting,
  consequencesOfRevoking,
} from "@/components/mcp-servers/detail/consequences";
import {
  consequencesOfSwitchingOff,
  useDuplicate,
  useSwitch,
} from "@/components/mcp-servers/detail/switch-server";
import type { NextStep } from "@/components/mcp-servers/next-step/next-step";
import { Button, IconButton } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLink,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { formatDateTime } from "@/lib/contracts/format";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { revokeConnection } from "@/lib/queries/connections";
import { mcpServerChanged, mcpServersQuery } from "@/lib/queries/mcp-servers";
import { deleteMcpServer, supportBundleUrl } from "@/lib/queries/server-actions";

export function ServerActions({
  server,
  testing,
  step,
  onTest,
}: {
  server: McpServerDetail;
  testing: boolean;
  /** Its button is shown with its text. */
  step: NextStep | null;
  onTest: () => void;
}) {
  const [dialog, setDialog] = useState<"revoke" | "switch-off" | "delete" | null>(null);
  const { id, name, connection, tokenSharing } = server;
  const duplicate = useDuplicate(server);
  const turn = useSwitch(server);

  return (
    <>
      <Button loading={testing} onClick={onTest}>
        <PlugZap aria-hidden="true" />
        Test connection
      </Button>
      <Button asChild>
        <Link href={`/mcp-servers/${id}/edit`}>
          <Pencil aria-hidden="true" />
          Edit
        </Link>
      </Button>
      {connection && tokenSharing && accountUsed(tokenSharing) === "team" && step !== "connect" ? (
        <AuthorizeLink
          serverId={id}
          serverName={name}
          standing={connection.standing}
          returnTo={`/mcp-servers/${id}`}
        />
      ) : null}
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label="More actions" variant="secondary">
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuLink>
            <Link href={`/mcp-servers/${id}/access`}>
              <UsersRound aria-hidden="true" className="text-muted" />
              Access
            </Link>
          </DropdownMenuLink>
          <DropdownMenuItem icon={<Copy />} onSelect={() => void duplicate()}>
            Duplicate
          </DropdownMenuItem>
          {server.switchedOffAt === null ? (
            <DropdownMenuItem icon={<Power />} onSelect={() => setDialog("switch-off")}>
              Switch off…
            </DropdownMenuItem>
          ) : (
            <DropdownMenuItem icon={<Power />} onSelect={() => void turn(true)}>
              Switch on
            </DropdownMenuItem>
          )}
          {connection ? (
            <DropdownMenuItem icon={<Unplug />} onSelect={() => setDialog("revoke")}>
              Revoke access…
            </DropdownMenuItem>
          ) : null}
          <DropdownMenuLink>
            <a href={supportBundleUrl(id)} download>
              <LifeBuoy aria-hidden="true" className="text-muted" />
              Download support bundle
            </a>
          </DropdownMenuLink>
          <DropdownMenuItem icon={<Trash2 />} tone="danger" onSelect={() => setDialog("delete")}>
            Delete server…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <RevokeDialog server={server} open={dialog === "revoke"} onClose={() => setDialog(null)} />
      <ConfirmDialog
        open={dialog === "switch-off"}
        onOpenChange={(next) => {
          if (!next) setDialog(null);
        }}
        title={`Switch ${name} off?`}
        consequences={consequencesOfSwitchingOff(server)}
        confirmLabel="Switch off"
        onConfirm={() => turn(false)}
      />
      <DeleteDialog server={server} open={dialog === "delete"} onClose={() => setDialog(null)} />
    </>
  );
}

function DeleteDialog({
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
    // The page of a deleted server is left before anything requests it again.
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

function RevokeDialog({
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
    const result = await revokeConnection(server.id, "server");
    const tell = ["failed", "retrying"].includes(result.provider) ? toast.warning : toast.success;
    tell(`${server.name} was revoked`, { description: revokeMessage(result, formatDateTime) });
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
