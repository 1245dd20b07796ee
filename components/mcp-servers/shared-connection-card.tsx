"use client";

import { Expiry } from "@/components/connections/expiry";
import { Moment } from "@/components/connections/moment";
import { RefreshProblem } from "@/components/connections/refresh-problem";
import { ScopeList } from "@/components/connections/scope-list";
import { StatusBadge } from "@/components/connections/status-badge";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import type { ConnectionView } from "@/lib/contracts/connection";

/** The one account that everybody's calls act as. */
export function SharedConnectionCard({ connection }: { connection: ConnectionView }) {
  const { status } = connection;
  return (
    <Card>
      <CardHeader title="Connection" description="One account, shared by everybody" />
      {connection.lastRefreshError ? (
        <CardBody className="border-border border-b p-3">
          <RefreshProblem connection={connection} />
        </CardBody>
      ) : null}
      {status === "not_connected" ? (
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
  const { status, expiresAt, refreshable, scope, obtainedAt, lastRefreshedAt } = connection;
  return (
    <DefinitionList
      items={[
        {
          term: "Status",
          value: (
            <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <StatusBadge status={status} />
              <span>
                <Expiry status={status} expiresAt={expiresAt} />
                {expiresAt ? (
                  <span className="text-muted">
                    {" "}
                    · <Moment value={expiresAt} />
                  </span>
                ) : null}
              </span>
            </span>
          ),
        },
        { term: "Renewal", value: renewal(status, expiresAt, refreshable) },
        { term: "Account", value: connection.accountName },
        { term: "Authorized by", value: connection.authorizedBy },
        { term: "Scopes", value: scope ? <ScopeList scope={scope} /> : null },
        {
          term: "Authorized",
          value: obtainedAt ? <Moment value={obtainedAt} relative /> : null,
        },
        {
          term: "Last renewed",
          value: lastRefreshedAt ? <Moment value={lastRefreshedAt} relative /> : null,
        },
      ]}
    />
  );
}

function renewal(
  status: ConnectionView["status"],
  expiresAt: string | null,
  refreshable: boolean,
): string | null {
  if (status === "expired") return "Not possible any more. Authorize again.";
  if (refreshable) return "Usher renews it by itself";
  if (expiresAt === null) return null;
  return "The provider allows none. Authorize again when it ends.";
}
