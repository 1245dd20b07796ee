"use client";

import type { ComponentProps } from "react";
import { AccountName } from "@/components/connections/account-name";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { ConnectionProblem, hasProblem } from "@/components/connections/connection-problem";
import { DisconnectButton } from "@/components/connections/disconnect-button";
import { ScopeList } from "@/components/connections/scope-list";
import { countWords, renewalWords } from "@/components/connections/standing-summary";
import { StandingDetail, StatusBadge } from "@/components/connections/status-badge";
import { AccountOwners } from "@/components/mcp-servers/detail/account-owners";
import type { NextStep } from "@/components/mcp-servers/next-step/next-step";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { RelativeTime, useNow } from "@/components/ui/text/relative-time";
import { TextLink } from "@/components/ui/text/text-link";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import { formatDateTime } from "@/lib/contracts/format";
import { actsAsClient } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";

/** The one account that everybody's calls act as. */
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
}: {
  server: ServerFacts;
  connection: ConnectionView;
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
              returnTo={`/mcp-servers/${id}`}
            />
          ) : (
            <span className="text-muted">
              Not told by the provider. If a tool tells it, name it under Calls, Account tool.
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

/** Each person's own account; here is the viewer's, so that an admin can try the server out. */
export function PerUserConnectionCard({
  server,
  connection,
  step,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
  step: NextStep | null;
}) {
  const { id, name, people } = server;
  const { standing } = connection;
  const connected = standing.status !== "not_connected";
  return (
    <Card>
      <CardHeader
        title="Your connection"
        description="Each person’s calls use their own account"
        actions={connected ? null : <StatusBadge status={standing.status} />}
      />
      <CardBody className="grid gap-3 text-muted text-sm">
        <p>
          {storedAccounts(people) === 0
            ? "Nobody has connected an account yet."
            : `People’s accounts: ${countWords(people)}.`}{" "}
          The chat asks each person to connect on the first call that needs it. They can also
          authorize under <TextLink href="/connections">Connections</TextLink>. To try this server
          out yourself, authorize here.
        </p>
        <ConnectionProblem connection={connection} serverId={id} serverName={name} />
      </CardBody>
      {connected ? (
        <div className="border-border border-t">
          <ConnectionFacts server={server} connection={connection} />
        </div>
      ) : null}
      <AccountOwners server={server} label="Who has connected an account" />
      <CardFooter>
        {connected ? <DisconnectButton serverId={id} serverName={name} /> : null}
        <AuthorizeLink
          serverId={id}
          serverName={name}
          standing={standing}
          // Not the page's main action once the tools are known, until the person's own access has ended.
          variant={
            step === "connect" || standing.nextStep === "authorize_again" ? "primary" : "secondary"
          }
          returnTo={`/mcp-servers/${id}`}
        />
      </CardFooter>
    </Card>
  );
}

/** A date and time as the reader's clock has it, which the server does not know. */
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
