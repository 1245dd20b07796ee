"use client";

import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { ConnectionProblem, hasProblem } from "@/components/connections/connection-problem";
import { StatusBadge } from "@/components/connections/status-badge";
import { ConnectionFacts } from "@/components/mcp-servers/detail/shared-connection-card";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { teamAccount } from "@/lib/contracts/connections/account";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { isStored } from "@/lib/contracts/connections/connection-standing";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { formatDateTime } from "@/lib/contracts/format";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { revokeConnection } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

/** The account that the team shares alongside people's own. */
export function TeamAccountCard({
  server,
  connection,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
}) {
  const { id, name, oauthClient } = server;
  const { standing } = connection;
  const connected = isStored(standing);
  return (
    <Card>
      <CardHeader
        title="Team account"
        description={
          oauthClient?.askWhichAccount
            ? "People choose before each call"
            : "For people without an account of their own"
        }
        actions={connected ? null : <StatusBadge status={standing.status} />}
      />
      {hasProblem(connection) ? (
        <CardBody className="border-border border-b p-3">
          <ConnectionProblem connection={connection} serverId={id} serverName={name} />
        </CardBody>
      ) : null}
      {connected ? (
        <ConnectionFacts server={server} connection={connection} mayChoose={false} />
      ) : (
        <CardBody className="text-muted text-sm">
          Sign in at the provider with the account that the team may share. Until then, everybody
          needs their own.
        </CardBody>
      )}
      <CardFooter>
        {connected ? <DisconnectTeamAccount server={server} /> : null}
        <AuthorizeLink
          serverId={id}
          serverName={`the team’s account at ${name}`}
          standing={standing}
          account={teamAccount}
          returnTo={`/mcp-servers/${id}`}
        />
      </CardFooter>
    </Card>
  );
}

function DisconnectTeamAccount({ server: { id, name } }: { server: McpServerDetail }) {
  const queryClient = useQueryClient();

  async function disconnect() {
    const result = await revokeConnection(id, "team");
    toast.success(name, { description: revokeMessage(result, formatDateTime) });
    void mcpServerChanged(queryClient, id);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button>
          Disconnect<span className="sr-only"> the team’s account</span>
        </Button>
      }
      title="Disconnect the team’s account?"
      consequences={[
        "Its tokens are deleted here, and the provider is asked to revoke them.",
        "People without an account of their own are asked to connect one.",
        "People’s own accounts are not affected.",
      ]}
      confirmLabel="Disconnect"
      onConfirm={disconnect}
    />
  );
}
