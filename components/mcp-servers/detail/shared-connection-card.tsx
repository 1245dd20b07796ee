"use client";

import type { ComponentProps } from "react";
import { AccountName } from "@/components/connections/account-name";
import { ConnectionProblem, hasProblem } from "@/components/connections/connection-problem";
import { ScopeList } from "@/components/connections/scope-list";
import { renewalWords } from "@/components/connections/standing-summary";
import { StandingDetail, StatusBadge } from "@/components/connections/status-badge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { RelativeTime, useNow } from "@/components/ui/text/relative-time";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { formatDateTime } from "@/lib/contracts/format";
import { actsAsClient } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";

/** The single account that everyone's calls act as. */
export function SharedConnectionCard({
  server,
  connection,
}: {
  server: ServerFacts;
  connection: ConnectionView;
}) {
  return (
    <Card>
      <CardHeader title="Connection" description="One account, shared by everybody" />
      {hasProblem(connection) ? (
        <CardBody className="border-border border-b p-3">
          <ConnectionProblem
            connection={connection}
            serverId={server.id}
            serverName={server.name}
          />
        </CardBody>
      ) : null}
      {connection.standing.status === "not_connected" ? (
        <CardBody className="text-muted text-sm">
          Nobody has authorized this server, so calls to it cannot be made. <b>Authorize</b>{" "}
          {actsAsClient(server)
            ? "requests a token as the client."
            : "signs in at the provider, once, for everybody."}
        </CardBody>
      ) : (
        <ConnectionFacts server={server} connection={connection} />
      )}
    </Card>
  );
}

type ServerFacts = Pick<McpServerDetail, "id" | "name" | "oauthClient">;

export function ConnectionFacts({
  server,
  connection,
  from,
  mayChoose = true,
}: {
  server: ServerFacts;
  connection: ConnectionView;
  /** With another account at the provider, replacing this one. */
  mayChoose?: boolean;
  from?: ComponentProps<typeof StatusBadge>["from"];
}) {
  const { id, name } = server;
  const { standing, scope, obtainedAt, lastRefreshedAt } = connection;
  const { status, expiresAt } = standing;
  return (
    <DefinitionList
      items={[
        {
          term: "Status",
          value: (
            <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <StatusBadge status={status} from={from} />
              {expiresAt && status !== "retrying" ? null : (
                <span>
                  <StandingDetail standing={standing} />
                </span>
              )}
            </span>
          ),
        },
        {
          term: "Access token",
          value: expiresAt ? (
            <span>
              Expires <Moment value={expiresAt} relative tense="future" />
            </span>
          ) : null,
        },
        { term: "Renewal", value: renewalWords(standing, connection.noRefreshToken) },
        {
          term: "Account",
          value: actsAsClient(server) ? (
            "The client’s own"
          ) : connection.accountName ? (
            <AccountName
              serverId={id}
              serverName={name}
              connection={connection}
              returnTo={mayChoose ? `/mcp-servers/${id}` : null}
            />
          ) : (
            <span className="text-muted">
              The provider does not report it. If a tool does, set it under Edit › Calls › Account
              tool.
            </span>
          ),
        },
        { term: "Authorized by", value: connection.authorizedBy },
        { term: "Scopes", value: scope ? <ScopeList scope={scope} /> : null },
        {
          term: from === "organization" ? "Last exchanged" : "Authorized",
          value: obtainedAt ? <Moment value={obtainedAt} relative tense="past" /> : null,
        },
        {
          term: "Last refreshed",
          value:
            lastRefreshedAt && from !== "organization" ? (
              <Moment value={lastRefreshedAt} relative tense="past" />
            ) : null,
        },
      ]}
    />
  );
}

/** A date and time on the reader's clock, which the server does not know. */
export function Moment({
  value,
  relative = false,
  tense,
}: {
  /** ISO 8601. */
  value: string;
  /** "3 hours ago" before it. */
  relative?: boolean | undefined;
  tense?: "past" | "future" | undefined;
}) {
  const known = useNow() !== null;
  const exact = known ? formatDateTime(value) : "";
  if (!relative) return <time dateTime={value}>{exact}</time>;
  return (
    <span>
      <RelativeTime value={value} tense={tense} />
      {known ? <span className="text-muted"> · {exact}</span> : null}
    </span>
  );
}
