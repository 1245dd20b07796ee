"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { AuthorizeLink } from "@/components/connections/authorize-link";
import { ConnectionProblem } from "@/components/connections/connection-problem";
import { countWords } from "@/components/connections/standing-summary";
import { StatusBadge } from "@/components/connections/status-badge";
import { AccountOwners } from "@/components/mcp-servers/detail/account-owners";
import { ConnectionFacts } from "@/components/mcp-servers/detail/shared-connection-card";
import { FlowStepView } from "@/components/mcp-servers/flows/flow-step";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "@/components/ui/card";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import {
  callsWork,
  isManagedByOrganization,
  isStored,
  storedAccounts,
} from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { tryRefreshNow } from "@/lib/queries/connections";
import { flowsQuery, mcpServerChanged } from "@/lib/queries/mcp-servers";

/** Each person's account comes from their sign-in; here an admin tries that with their own. */
export function OrganizationConnectionCard({
  server,
  connection,
}: {
  server: McpServerDetail;
  connection: ConnectionView;
}) {
  const { id, name, people, oauthClient } = server;
  const { standing } = connection;
  const test = useExchangeTest(id);
  const stored = isStored(standing);
  return (
    <Card>
      <CardHeader
        title="Access from your organization"
        description="Each person’s sign-in gives them their own account"
        actions={stored ? null : <StatusBadge status={standing.status} />}
      />
      <CardBody className="grid gap-3 text-muted text-sm">
        <p>
          {storedAccounts(people) === 0
            ? "Nobody has used this server yet."
            : `People’s accounts: ${countWords(people, "refused")}.`}{" "}
          No consent is needed: the first call exchanges the person’s sign-in for access. Your
          identity provider decides who gets it.
          {oauthClient?.ownConsent
            ? " If it refuses, people can connect their own account in the chat."
            : null}
        </p>
        {test.data ? (
          <TestResult {...test.data} />
        ) : (
          <ConnectionProblem connection={connection} serverId={id} serverName={name} />
        )}
        {test.error ? (
          <Callout tone="danger" title="Could not test">
            {test.error.message}
          </Callout>
        ) : null}
      </CardBody>
      {stored ? (
        <div className="border-border border-t">
          <ConnectionFacts
            server={server}
            connection={connection}
            from={
              isManagedByOrganization(server.tokenSharing, connection) ? "organization" : "consent"
            }
          />
        </div>
      ) : null}
      <AccountOwners server={server} label="Who has used it" from="organization" />
      <CardFooter>
        {oauthClient?.ownConsent ? (
          <AuthorizeLink
            serverId={id}
            serverName={name}
            standing={standing}
            variant="secondary"
            label="Use your own account"
            returnTo={`/mcp-servers/${id}`}
          />
        ) : null}
        <Button
          variant={stored ? "secondary" : "primary"}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          <FlaskConical aria-hidden="true" />
          Test with your account
        </Button>
      </CardFooter>
    </Card>
  );
}

/** Exchanges the viewer's sign-in now, and reads what was sent. */
function useExchangeTest(serverId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const startedAt = Date.now();
      const { connection } = await tryRefreshNow(serverId);
      const { flows } = await queryClient.fetchQuery({ ...flowsQuery(serverId), staleTime: 0 });
      const flow = flows.find(({ kind, trigger }) => kind === "REFRESH" && trigger === "person");
      // Ignore records of earlier tries. The clocks may differ by seconds.
      const isThis = flow && Date.parse(flow.at) > startedAt - 60_000;
      return { connection, steps: isThis ? flow.steps : [] };
    },
    onSettled: () => mcpServerChanged(queryClient, serverId),
  });
}

function TestResult({
  connection: { standing, accountName },
  steps,
}: NonNullable<ReturnType<typeof useExchangeTest>["data"]>) {
  const works = standing.status !== "retrying" && callsWork(standing);
  return (
    <>
      <Callout
        tone={works ? "success" : "danger"}
        title={works ? "Your sign-in gives you access" : "Your sign-in gives you no access"}
      >
        {works ? (accountName ? `As ${accountName}.` : null) : standing.reason}
        {steps.length === 0 ? " Nothing was sent." : null}
      </Callout>
      {steps.length > 0 ? (
        <ol className="grid min-w-0 gap-2 text-text" aria-label="Requests">
          {steps.map((step) => (
            <FlowStepView key={`${step.kind} ${step.at}`} step={step} />
          ))}
        </ol>
      ) : null}
    </>
  );
}
