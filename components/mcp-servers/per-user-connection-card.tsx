"use client";

import { AuthorizeLink } from "@/components/connections/authorize-link";
import { DisconnectButton } from "@/components/connections/disconnect-button";
import { RefreshProblem } from "@/components/connections/refresh-problem";
import { StatusBadge } from "@/components/connections/status-badge";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { TextLink } from "@/components/ui/text-link";
import type { ConnectionView } from "@/lib/contracts/connection";
import type { McpServerDetail } from "@/lib/contracts/mcp-server";
import { counted } from "./server-words";
import { ConnectionFacts } from "./shared-connection-card";

/** Each person's own account; here is the viewer's, so that an admin can try the server out. */
export function PerUserConnectionCard({
  server,
  connection,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
}) {
  const { id, name, connectedPeople } = server;
  const { status } = connection;
  return (
    <Card>
      <CardHeader
        title="Your connection"
        description="Each person’s calls act as their own account"
        actions={status === "not_connected" ? <StatusBadge status={status} /> : null}
      />
      <CardBody className="grid gap-3 text-muted text-sm">
        <p>
          {connectedPeople === 0
            ? "Nobody has connected an account yet."
            : `${counted(connectedPeople, "person has", "people have")} connected an account.`}{" "}
          The chat asks each person at the first call that needs it; they can also authorize under{" "}
          <TextLink href="/connections">Connections</TextLink>. To try this server out yourself,
          authorize here.
        </p>
        <RefreshProblem connection={connection} />
      </CardBody>
      {status === "not_connected" ? null : (
        <div className="border-border border-t">
          <ConnectionFacts connection={connection} />
        </div>
      )}
      <CardFooter>
        {status === "not_connected" ? null : <DisconnectButton serverId={id} serverName={name} />}
        <AuthorizeLink
          serverId={id}
          serverName={name}
          status={status}
          variant="secondary"
          returnTo={`/mcp-servers/${id}`}
        />
      </CardFooter>
    </Card>
  );
}
