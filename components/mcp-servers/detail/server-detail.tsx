"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { useEffect, useState } from "react";
import type { AuthorizationOutcome } from "@/components/connections/authorization-outcome";
import { hasProblem } from "@/components/connections/connection-problem";
import { OutcomeNotice, useAuthorizationCompleted } from "@/components/connections/outcome-notice";
import { countTone, countWords } from "@/components/connections/standing-summary";
import { StatusBadge } from "@/components/connections/status-badge";
import {
  AssistantsCard,
  ConfigurationCard,
} from "@/components/mcp-servers/detail/configuration-cards";
import { HealthCard } from "@/components/mcp-servers/detail/health-card";
import { OAuthCard } from "@/components/mcp-servers/detail/oauth-card";
import { OrganizationConnectionCard } from "@/components/mcp-servers/detail/organization-connection-card";
import { PerUserConnectionCard } from "@/components/mcp-servers/detail/per-user-connection-card";
import { PersonalKeyCard } from "@/components/mcp-servers/detail/personal-key-card";
import { ServerActions } from "@/components/mcp-servers/detail/server-actions";
import { ServerDetailSkeleton } from "@/components/mcp-servers/detail/server-detail-skeleton";
import { SharedConnectionCard } from "@/components/mcp-servers/detail/shared-connection-card";
import { useSwitch } from "@/components/mcp-servers/detail/switch-server";
import { TeamAccountCard } from "@/components/mcp-servers/detail/team-account-card";
import { TestPanel, useConnectionTest } from "@/components/mcp-servers/detail/test-panel";
import { ToolList } from "@/components/mcp-servers/detail/tool-list";
import { ToolReviews } from "@/components/mcp-servers/detail/tool-reviews";
import { FlowSection } from "@/components/mcp-servers/flows/flow-list";
import { type NextStep, nextStep } from "@/components/mcp-servers/next-step/next-step";
import { NextStepCard } from "@/components/mcp-servers/next-step/next-step-card";
import { StdioNotice } from "@/components/mcp-servers/stdio-notice";
import { Badge } from "@/components/ui/badge";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { LoadProblem } from "@/components/ui/load-problem";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { dueToolsQuery } from "@/lib/queries/due-tools";
import { mcpServerChanged, mcpServerQuery } from "@/lib/queries/mcp-servers";

export function ServerDetail({
  serverId,
  outcome,
}: {
  serverId: string;
  outcome: AuthorizationOutcome;
}) {
  const query = useQuery(mcpServerQuery(serverId));
  const queryClient = useQueryClient();
  useAuthorizationCompleted((completed) => {
    if (completed.serverId === serverId) void mcpServerChanged(queryClient, serverId);
  });
  const name = query.data?.name;
  useEffect(() => {
    if (name) document.title = `${name} · Usher`;
  }, [name]);

  if (query.data) return <LoadedServer server={query.data} outcome={outcome} />;
  if (!query.isError) return <ServerDetailSkeleton />;
  return (
    <Page>
      <PageHeader
        title="MCP server"
        breadcrumbs={<Breadcrumbs pages={[{ label: "MCP Servers", href: "/mcp-servers" }]} />}
      />
      <LoadProblem
        title="The MCP server could not be loaded"
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    </Page>
  );
}

function LoadedServer({
  server,
  outcome,
}: {
  server: McpServerDetail;
  outcome: AuthorizationOutcome;
}) {
  const { test, start, dismiss } = useConnectionTest(server.id);
  const testing = test?.running ?? false;
  const reading = useQuery(dueToolsQuery(server)).isFetching;
  const step = nextStep(server, reading);
  return (
    <Page>
      <PageHeader
        title={server.name}
        description={server.description || null}
        breadcrumbs={<Breadcrumbs pages={[{ label: "MCP Servers", href: "/mcp-servers" }]} />}
        badges={<ServerBadge server={server} />}
        actions={<ServerActions server={server} testing={testing} step={step} onTest={start} />}
      />
      <OutcomeNotice
        outcome={outcome}
        serverName={server.name}
        serverId={server.id}
        accountName={server.connection?.accountName}
        path={`/mcp-servers/${server.id}`}
      />
      {server.switchedOffAt === null ? null : <SwitchedOff server={server} />}
      {server.stdioMode === null ? null : (
        <StdioNotice mode={server.stdioMode} unavailable={server.stdioUnavailable} />
      )}
      <div className="@container">
        <div className="grid items-start gap-6 @4xl:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="grid min-w-0 gap-6">
            <NextStepCard server={server} step={step} />
            {test ? <TestPanel test={test} onDismiss={dismiss} /> : null}
            <ConnectionCard server={server} step={step} />
            {server.teamConnection ? (
              <TeamAccountCard server={server} connection={server.teamConnection} />
            ) : null}
            <ToolReviews serverId={server.id} />
            <ToolList
              catalogue={server.catalogue}
              reading={reading}
              testButton={
                <Button loading={testing} onClick={start}>
                  <PlugZap aria-hidden="true" />
                  Test connection
                </Button>
              }
            />
            {server.oauthClient || server.connection?.personalKey ? (
              <FlowSection serverId={server.id} />
            ) : null}
          </div>
          <div className="grid min-w-0 gap-6">
            <AssistantsCard assistants={server.assistants} />
            <ConfigurationCard server={server} />
            {server.oauthClient ? <OAuthCard client={server.oauthClient} /> : null}
          </div>
        </div>
      </div>
    </Page>
  );
}

function SwitchedOff({ server }: { server: McpServerDetail }) {
  const turn = useSwitch(server);
  const [turning, setTurning] = useState(false);
  return (
    <Callout
      tone="info"
      title="This server is switched off"
      action={
        <Button
          size="sm"
          loading={turning}
          onClick={() => {
            setTurning(true);
            void turn(true).finally(() => setTurning(false));
          }}
        >
          Switch on
        </Button>
      }
    >
      Assistants cannot use its tools. Its accounts stay connected.
    </Callout>
  );
}

/** The status of what everyone shares; for people's own accounts, how many are in which state. */
function ServerBadge({ server }: { server: McpServerDetail }) {
  if (server.switchedOffAt !== null) return <Badge tone="neutral">Off</Badge>;
  if (server.health) return <StatusBadge status={server.health.status} />;
  if (!server.standing) return null;
  switch (server.tokenSharing) {
    case null:
      return null;
    case "SHARED":
      return <StatusBadge status={server.standing.status} />;
    case "PER_USER":
    case "ORGANIZATION":
      return (
        <Badge tone={countTone(server.people)} dot>
          {countWords(
            server.people,
            server.tokenSharing === "ORGANIZATION" ? "refused" : undefined,
          )}
        </Badge>
      );
    default:
      return server.tokenSharing satisfies never;
  }
}

function ConnectionCard({ server, step }: { server: McpServerDetail; step: NextStep | null }) {
  if (server.health) return <HealthCard health={server.health} />;
  if (!server.connection) return null;
  switch (server.tokenSharing) {
    case null:
      return null;
    case "SHARED":
      // The next step covers it, unless something went wrong.
      return step === "connect" && !hasProblem(server.connection) ? null : (
        <SharedConnectionCard server={server} connection={server.connection} />
      );
    case "PER_USER": {
      const { connection } = server;
      const { personalKey } = connection;
      if (personalKey) {
        return (
          <PersonalKeyCard server={server} connection={connection} personalKey={personalKey} />
        );
      }
      return <PerUserConnectionCard server={server} connection={connection} step={step} />;
    }
    case "ORGANIZATION":
      return <OrganizationConnectionCard server={server} connection={server.connection} />;
    default:
      return server.tokenSharing satisfies never;
  }
}
