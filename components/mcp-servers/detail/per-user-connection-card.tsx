"use client";

import { AuthorizeLink } from "@/components/connections/authorize-link";
import { ConnectionProblem } from "@/components/connections/connection-problem";
import { DisconnectButton } from "@/components/connections/disconnect-button";
import { countWords } from "@/components/connections/standing-summary";
import { StatusBadge } from "@/components/connections/status-badge";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { TextLink } from "@/components/ui/text/text-link";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { ConnectionFacts } from "./shared-connection-card";

/** Each person's own account; here is the viewer's, so that an admin can try the server out. */
export function PerUserConnectionCard({
  server,
  connection,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
}) {
  const { id, name, people } = server;
  const { standing } = connection;
  const connected = standing.status !== "not_connected";
  return (
    <Card>
      <CardHeader
        title="Your connection"
        description="Each person’s calls act as their own account"
        actions={connected ? null : <StatusBadge status={standing.status} />}
      />
      <CardBody className="grid gap-3 text-muted text-sm">
        <p>
          {storedAccounts(people) === 0
            ? "Nobody has connected an account yet."
            : `People’s accounts: ${countWords(people)}.`}{" "}
          The chat asks each person at the first call that needs it; they can also authorize under{" "}
          <TextLink href="/connections">Connections</TextLink>. To try this server out yourself,
          authorize here.
        </p>
        <ConnectionProblem connection={connection} />
      </CardBody>
      {connected ? (
        <div className="border-border border-t">
          <ConnectionFacts connection={connection} />
        </div>
      ) : null}
      <CardFooter>
        {connected ? <DisconnectButton serverId={id} serverName={name} /> : null}
        <AuthorizeLink
          serverId={id}
          serverName={name}
          standing={standing}
          // Not the page's main action until somebody's own access is over.
          variant={standing.nextStep === "authorize_again" ? "primary" : "secondary"}
          returnTo={`/mcp-servers/${id}`}
        />
      </CardFooter>
    </Card>
  );
}
