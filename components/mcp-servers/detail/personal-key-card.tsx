"use client";

import { ConnectionDetail } from "@/components/connections/connection-detail";
import { ConnectionProblem } from "@/components/connections/connection-problem";
import { DisconnectButton } from "@/components/connections/disconnect-button";
import { KeyButton } from "@/components/connections/key-button";
import { countWords } from "@/components/connections/standing-summary";
import { StatusBadge } from "@/components/connections/status-badge";
import { AccountOwners } from "@/components/mcp-servers/detail/account-owners";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { TextLink } from "@/components/ui/text/text-link";
import type { ConnectionView, PersonalKeyView } from "@/lib/contracts/connections/connection";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { oneLine } from "@/lib/untrusted-text";

/** The viewer's own key, so that an admin can try the server out, and who else has entered one. */
export function PersonalKeyCard({
  server,
  connection,
  personalKey,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
  personalKey: PersonalKeyView;
}) {
  const { id, name, people } = server;
  const { standing } = connection;
  const given = storedAccounts(people);
  return (
    <Card>
      <CardHeader
        title="Your key"
        description="Each person’s calls send their own key"
        actions={<StatusBadge status={standing.status} from="key" />}
      />
      <CardBody className="grid gap-3 text-muted text-sm">
        <p>
          {given === 0 ? "Nobody has entered a key yet." : `People’s keys: ${countWords(people)}.`}{" "}
          The chat asks each person on the first call that needs it. They can also enter it under{" "}
          <TextLink href="/connections">Connections</TextLink>. To try this server out yourself,
          enter yours here.
        </p>
        {standing.status === "connected" ? (
          <p>
            <ConnectionDetail connection={connection} />
            {connection.accountName ? (
              <>
                {" for "}
                <bdi className="font-medium text-text [overflow-wrap:anywhere]">
                  {oneLine(connection.accountName)}
                </bdi>
              </>
            ) : null}
          </p>
        ) : null}
        <ConnectionProblem connection={connection} serverId={id} serverName={name} />
      </CardBody>
      <AccountOwners server={server} label="Who has entered a key" from="key" />
      <CardFooter>
        {standing.status === "not_connected" ? null : (
          <DisconnectButton serverId={id} serverName={name} ofKey />
        )}
        <KeyButton
          serverId={id}
          serverName={name}
          standing={standing}
          personalKey={personalKey}
          variant={standing.status === "needs_authorization" ? "primary" : "secondary"}
        />
      </CardFooter>
    </Card>
  );
}
