"use client";

import { ConnectionProblem } from "@/components/connections/connection-problem";
import { DisconnectButton } from "@/components/connections/disconnect-button";
import { KeyButton } from "@/components/connections/key-button";
import { countWords } from "@/components/connections/standing-summary";
import { ConnectionDetail, StatusBadge } from "@/components/connections/status-badge";
import { counted } from "@/components/mcp-servers/server-words";
import { Badge } from "@/components/ui/badge";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { TextLink } from "@/components/ui/text/text-link";
import type { ConnectionView, PersonalKeyView } from "@/lib/contracts/connections/connection";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { oneLine } from "@/lib/untrusted-text";

/** The viewer's own key, so that an admin can try the server out, and who else has given one. */
export function PersonalKeyCard({
  server: { id, name, people, keyOwners },
  connection,
  personalKey,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
  personalKey: PersonalKeyView;
}) {
  const { standing } = connection;
  const given = storedAccounts(people);
  return (
    <Card>
      <CardHeader
        title="Your key"
        description="Each person’s calls send their own key"
        actions={<StatusBadge status={standing.status} ofKey />}
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
      {keyOwners.length > 0 ? (
        <ul
          aria-label="Who has entered a key"
          className="divide-y divide-border border-border border-t text-sm"
        >
          {keyOwners.map((owner) => (
            <li
              key={`${owner.name} ${owner.savedAt}`}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2"
            >
              <span className="min-w-0 [overflow-wrap:anywhere]">{owner.name}</span>
              <span className="flex items-center gap-2 text-muted text-xs">
                {owner.works ? null : <Badge tone="danger">Needs a new key</Badge>}
                <RelativeTime value={owner.savedAt} tense="past" />
              </span>
            </li>
          ))}
          {given > keyOwners.length ? (
            <li className="px-4 py-2 text-muted">
              and {counted(given - keyOwners.length, "other", "others")}
            </li>
          ) : null}
        </ul>
      ) : null}
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
