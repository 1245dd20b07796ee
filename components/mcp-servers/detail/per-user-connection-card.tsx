"use client";

import { AccountList } from "@/components/connections/accounts/account-list";
import { AddAccountLink } from "@/components/connections/accounts/add-account-link";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { ConnectionProblem } from "@/components/connections/connection-problem";
import { DisconnectButton } from "@/components/connections/disconnect-button";
import { countWords } from "@/components/connections/standing-summary";
import { StatusBadge } from "@/components/connections/status-badge";
import { AccountOwners } from "@/components/mcp-servers/detail/account-owners";
import { ConnectionFacts } from "@/components/mcp-servers/detail/shared-connection-card";
import type { NextStep } from "@/components/mcp-servers/next-step/next-step";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import { TextLink } from "@/components/ui/text/text-link";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";

/** Each person has their own account; this is the viewer's, so that an admin can try the server out. */
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
  const { standing, accounts = 1, isTeams = false } = connection;
  const connected = standing.status !== "not_connected";
  const returnTo = `/mcp-servers/${id}`;
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
        {accounts > 1 ? (
          <AccountList
            {...{ serverId: id, serverName: name, count: accounts, returnTo }}
            otherAccount={isTeams ? null : connection.otherAccount}
          />
        ) : (
          <ConnectionProblem connection={connection} serverId={id} serverName={name} />
        )}
      </CardBody>
      {connected && accounts === 1 ? (
        <div className="border-border border-t">
          <ConnectionFacts server={server} connection={connection} />
        </div>
      ) : null}
      <AccountOwners server={server} label="Who has connected an account" />
      {isTeams ? null : (
        <CardFooter>
          {connected ? (
            <span className="mr-auto">
              <AddAccountLink
                serverId={id}
                serverName={name}
                otherAccount={accounts > 1 ? null : connection.otherAccount}
                returnTo={returnTo}
              />
            </span>
          ) : null}
          {accounts > 1 ? null : (
            <>
              {connected ? <DisconnectButton serverId={id} serverName={name} /> : null}
              <AuthorizeLink
                serverId={id}
                serverName={name}
                standing={standing}
                // Not the page's main action once the tools are known, until the person's own access has ended.
                variant={
                  step === "connect" || standing.nextStep === "authorize_again"
                    ? "primary"
                    : "secondary"
                }
                returnTo={returnTo}
              />
            </>
          )}
        </CardFooter>
      )}
    </Card>
  );
}
