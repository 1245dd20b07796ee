"use client";

import { Ellipsis, LifeBuoy, Pencil, PlugZap, Trash2, Unplug } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLink,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { supportBundleUrl } from "@/lib/queries/mcp-servers";
import { DeleteDialog } from "./delete-dialog";
import { RevokeDialog } from "./revoke-dialog";

export function ServerActions({
  server,
  testing,
  onTest,
}: {
  server: McpServerDetail;
  testing: boolean;
  onTest: () => void;
}) {
  const [dialog, setDialog] = useState<"revoke" | "delete" | null>(null);
  const { id, name, connection, tokenSharing } = server;

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
      {connection && tokenSharing === "SHARED" ? (
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
      <DeleteDialog server={server} open={dialog === "delete"} onClose={() => setDialog(null)} />
    </>
  );
}
