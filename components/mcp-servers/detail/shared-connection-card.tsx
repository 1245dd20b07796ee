"use client";

import { ConnectionProblem, hasProblem } from "@/components/connections/connection-problem";
import { Moment } from "@/components/connections/moment";
import { ScopeList } from "@/components/connections/scope-list";
import { StandingDetail } from "@/components/connections/standing-detail";
import { renewalWords } from "@/components/connections/standing-summary";
import { StatusBadge } from "@/components/connections/status-badge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import type { ConnectionView } from "@/lib/contracts/connections/connection";

/** The one account that everybody's calls act as. */
export function SharedConnectionCard({ connection }: { connection: ConnectionView }) {
  return (
    <Card>
      <CardHeader title="Connection" description="One account, shared by everybody" />
      {hasProblem(connection) ? (
        <CardBody className="border-border border-b p-3">
          <ConnectionProblem connection={connection} />
        </CardBody>
      ) : null}
      {connection.standing.status === "not_connected" ? (
        <CardBody className="text-muted text-sm">
          Nobody has authorized this server, so calls to it cannot be made. <b>Authorize</b> signs
          in at the provider, once, for everybody.
        </CardBody>
      ) : (
        <ConnectionFacts connection={connection} />
      )}
    </Card>
  );
}

export function ConnectionFacts({ connection }: { connection: ConnectionView }) {
  const { standing, scope, obtainedAt, lastRefreshedAt } = connection;
  const { status, expiresAt } = standing;
  return (
    <DefinitionList
      items={[
        {
          term: "Status",
          value: (
            <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <StatusBadge status={status} />
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
        { term: "Renewal", value: renewalWords(standing) },
        { term: "Account", value: connection.accountName },
        { term: "Authorized by", value: connection.authorizedBy },
        { term: "Scopes", value: scope ? <ScopeList scope={scope} /> : null },
        {
          term: "Authorized",
          value: obtainedAt ? <Moment value={obtainedAt} relative tense="past" /> : null,
        },
        {
          term: "Last renewed",
          value: lastRefreshedAt ? <Moment value={lastRefreshedAt} relative tense="past" /> : null,
        },
      ]}
    />
  );
}
