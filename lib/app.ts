import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { after } from "next/server";
import type { AppContext, RequestUnderWay } from "@/lib/app/context";
import { keepAwake } from "@/lib/app/current";
import { createToolCallAudit, type ToolCallAudit } from "@/lib/audit/tool-calls";
import type { ChangedCatalogues } from "@/lib/calls/renew-catalogue";
import { modelOutboundLimits } from "@/lib/chat/context";
import { createRunningTurns } from "@/lib/chat/turn/running-turns";
import { createDatabase } from "@/lib/db/client";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { discoveryLimits } from "@/lib/discovery/context";
import { createOutbox } from "@/lib/email/outbox";
import type { Env } from "@/lib/env";
import { createFlowRecorder } from "@/lib/flows/recorder";
import { ReadinessProbes } from "@/lib/http/readiness-probes";
import { createLog } from "@/lib/log";
import { createMcpConnections } from "@/lib/mcp/connections";
import { mcpOutboundLimits } from "@/lib/mcp/http/server-fetch";
import { createStdioServers } from "@/lib/mcp/stdio/servers";
import { createOperatorFetch, createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { createModelOutbound } from "@/lib/net/model-outbound";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import { clientIdMetadataUrl, oauthOutboundLimits } from "@/lib/oauth/client";
import { createEndpointCache } from "@/lib/servers/open-endpoint";
import { createIdentityProvider } from "@/lib/session/oidc/late-provider";
import { SessionClaims } from "@/lib/session/session-user";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import { ProviderGate } from "@/lib/tokens/provider-gate";
import { TokenCache } from "@/lib/tokens/token-cache";
import { createWebhookDeliveries, webhookOutboundLimits } from "@/lib/webhooks/deliveries";
import { createWorkUnderWay } from "@/lib/work-under-way";

/** PGlite is one session behind a socket, where statements queue. */
const embeddedStatementMs = 30_000;

/**
 * Every start waits for what is imported here: what only some requests need is loaded with the first of them.
 * @param now the clock; tests pass their own
 */
export function createApp(env: Env, now: () => Date = () => new Date()): AppContext {
  const { allowHttpLoopback, allowedPrivateHosts } = env;
  const outboundPolicy: OutboundPolicy = { allowHttpLoopback, allowedPrivateHosts };
  const requests = new AsyncLocalStorage<RequestUnderWay>();
  const telemetry: TelemetrySwitch = { on: null };
  const log = createLog(env.logLevel, () => requests.getStore()?.id);
  const agent = createOutboundAgent(outboundPolicy, { proxy: env.outboundProxy });
  const operatorFetch = env.outboundProxy && createOperatorFetch(env.outboundProxy);
  const outbound = createOutboundFetch(agent, oauthOutboundLimits);
  const db = createDatabase(env.databaseUrl, {
    connections: env.databasePoolSize,
    apiKey: () => requests.getStore()?.apiKey?.label ?? null,
    published: () => app.webhooks.wake(),
    signInEnded: () => void app.underWay.keep(app.revokeEndedSignIns()),
    ...(env.embeddedDatabase ? { statementMs: embeddedStatementMs } : {}),
  });
  const stopping = new AbortController();
  const flows = createFlowRecorder({ db, now, log });
  const audit = createToolCallAudit({ db, now, log });
  const toolCalls: ToolCallAudit = {
    ...audit,
    add(event) {
      const server = event.serverName ?? "unknown";
      telemetry.on?.count("usher_tool_calls_total", { outcome: event.outcome, server });
      telemetry.on?.time("usher_tool_call_duration_seconds", event.durationMs, { server });
      audit.add({ ...event, apiKey: requests.getStore()?.apiKey?.label ?? null });
    },
  };
  const stdio = createStdioServers(env.stdio, {
    selfHosted: env.selfHosted,
    ...{ platform: process.platform, uid: process.getuid?.() },
    folder: process.cwd(),
  });
  let changedCatalogues: Promise<ChangedCatalogues> | null = null;
  const mcp = createMcpConnections({
    outbound: createOutboundFetch(agent, mcpOutboundLimits),
    now,
    log,
    stdio,
    storedEra: async ({ storedEra }) => storedEra,
    onToolsChanged: async (target) => {
      changedCatalogues ??= import("@/lib/calls/renew-catalogue").then(
        (loaded) => new loaded.ChangedCatalogues(() => app),
      );
      (await changedCatalogues).changed(target);
    },
  });
  const tokenCache = new TokenCache(now);
  const endpointCache = createEndpointCache(now);
  const app: AppContext = {
    env,
    instanceId: randomUUID(),
    keyring: env.keyring,
    now,
    ...{ db, log, outbound },
    discovery: {
      outbound: createOutboundFetch(agent, discoveryLimits),
      checkUrl: (url) => checkUrl(url, outboundPolicy),
      clientMetadataUrl: clientIdMetadataUrl(env.publicUrl),
      identityProvider: async () => {
        const { identityProviderSupport } = await import("@/lib/session/oidc/identity");
        return identityProviderSupport(app);
      },
    },
    rules: { outboundPolicy, stdioUnavailable: stdio.unavailable },
    ...{ mcp, stdio, tokenCache, endpointCache },
    forget(serverId, ownerKey) {
      endpointCache.drop((key) => key === serverId);
      tokenCache.drop(serverId, ownerKey);
      mcp.drop(serverId, ownerKey);
    },
    sessionClaims: new SessionClaims(now),
    operatorFetch,
    ...createModelOutbound(outboundPolicy, { proxy: env.outboundProxy }, modelOutboundLimits),
    oidc: env.oidc && createIdentityProvider(env.oidc, env, now, operatorFetch),
    identityOf: async (userId, wanted) => {
      const { identityOf } = await import("@/lib/session/oidc/identity");
      return identityOf(app, userId, wanted);
    },
    revokeEndedSignIns: async () => {
      const { revokeEndedSignIns } = await import("@/lib/session/oidc/revoke-ended");
      return revokeEndedSignIns(app);
    },
    identitiesUnderWay: new Map(),
    providerGate: new ProviderGate(now),
    ...{ flows, toolCalls },
    webhooks: createWebhookDeliveries(() => app, createOutboundFetch(agent, webhookOutboundLimits)),
    mail: env.email && createOutbox(() => app, env.email),
    ...{ refreshesUnderWay: new Map(), testsUnderWay: new Map() },
    unsendableTools: async (tools) => {
      // The providers' packages are loaded when a person tests a server, and not at each start.
      const { unsendableTools } = await import("@/lib/chat/model/tools/unsendable-tools");
      return unsendableTools(tools, await readModelSetup(db, env.model));
    },
    turns: createRunningTurns(telemetry),
    requests,
    telemetry,
    underWay: createWorkUnderWay(keepAwake({ flows, toolCalls })),
    startup: { isDone: false, waitsFor: null },
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    probes: new ReadinessProbes(),
    afterResponse: after,
  };
  return app;
}
