import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { after } from "next/server";
import type { AppContext, RequestUnderWay } from "@/lib/app/context";
import { createToolCallAudit, type ToolCallAudit } from "@/lib/audit/tool-calls";
import { callTool } from "@/lib/calls/call-tool";
import { ChangedCatalogues } from "@/lib/calls/renew-catalogue";
import { describeAccount } from "@/lib/calls/target";
import { type ChatContext, modelOutboundLimits } from "@/lib/chat/context";
import { createRunningTurns } from "@/lib/chat/turn/running-turns";
import { createDatabase } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { discoveryLimits } from "@/lib/discovery/context";
import { createOutbox } from "@/lib/email/outbox";
import { type Env, exportNextAuthVariables, readEnv } from "@/lib/env";
import { createFlowRecorder } from "@/lib/flows/recorder";
import { ReadinessProbes } from "@/lib/http/readiness-probes";
import { createLog } from "@/lib/log";
import { createMcpConnections } from "@/lib/mcp/connections";
import { mcpOutboundLimits } from "@/lib/mcp/http/server-fetch";
import { createStdioServers } from "@/lib/mcp/stdio/servers";
import { createOperatorFetch, createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { createModelOutbound } from "@/lib/net/model-outbound";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import { oauthOutboundLimits } from "@/lib/oauth/client";
import { clientIdMetadataUrl } from "@/lib/oauth/registration";
import { createEndpointCache } from "@/lib/servers/open-endpoint";
import { identityOf, identityProviderSupport } from "@/lib/session/oidc/identity";
import { OidcProvider } from "@/lib/session/oidc/provider";
import { revokeEndedSignIns } from "@/lib/session/oidc/revoke-ended";
import { authorizePermission, permits } from "@/lib/session/permissions";
import { SessionClaims } from "@/lib/session/session-user";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import { listOwnAccounts } from "@/lib/tokens/own-accounts";
import { ProviderGate } from "@/lib/tokens/provider-gate";
import { TokenCache } from "@/lib/tokens/token-cache";
import { createWebhookDeliveries, webhookOutboundLimits } from "@/lib/webhooks/deliveries";
import { createWorkUnderWay } from "@/lib/work-under-way";

/** PGlite is one session behind a socket, where statements queue. */
const embeddedStatementMs = 30_000;
/** @param now the clock; tests pass their own */
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
  const changedCatalogues = new ChangedCatalogues(() => app);
  const mcp = createMcpConnections({
    outbound: createOutboundFetch(agent, mcpOutboundLimits),
    now,
    log,
    stdio,
    storedEra: async ({ storedEra }) => storedEra,
    onToolsChanged: changedCatalogues.changed,
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
      identityProvider: () => identityProviderSupport(app),
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
    oidc: env.oidc && new OidcProvider(env.oidc, env, now, operatorFetch),
    identityOf: (userId, wanted) => identityOf(app, userId, wanted),
    revokeEndedSignIns: () => revokeEndedSignIns(app),
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
    turns: createRunningTurns((ms) => telemetry.on?.time("usher_turn_duration_seconds", ms, {})),
    requests,
    telemetry,
    underWay: createWorkUnderWay((work) =>
      after(work.then(() => flushRecords({ flows, toolCalls }))),
    ),
    startup: { isDone: false, waitsFor: null },
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    probes: new ReadinessProbes(),
    afterResponse: after,
  };
  return app;
}

const unknownAccount = {
  ...{ actingAs: "Unknown account", connected: false, hasConnection: false },
  ...{ account: null, isDefault: false, choose: null },
};

/** Tokens and connections reach the chat as functions. */
export function chatContext(ctx: AppContext): ChatContext {
  const { db, keyring, now, log, turns, env } = ctx;
  return {
    db,
    keyring,
    now,
    log,
    turns,
    modelEnv: env.model,
    modelFetch: ctx.operatorFetch,
    guardedModelFetch: ctx.guardedModelFetch,
    telemetry: ctx.telemetry,
    callTool: (call) => {
      const { serverId, toolName } = call;
      const traced = ctx.telemetry.on;
      if (!traced) return callTool(ctx, call);
      return traced.span("tool call", { serverId, toolName }, () => callTool(ctx, call));
    },
    describeAccount: async (serverId, user, account) => {
      const found = await describeAccount(ctx, serverId, user, account);
      if (!found) return unknownAccount;
      const { tokenSharing, serverName: _, ...described } = found;
      return { ...described, hasConnection: tokenSharing !== null };
    },
    listAccounts: async (serverId, user) => {
      const server = await findMcpServer(db, serverId);
      return server ? listOwnAccounts(ctx, server, user.id) : [];
    },
    mayAuthorize: (user, tokenSharing) => permits(user.role, authorizePermission(tokenSharing)),
  };
}

/** Writes queued records before a process may be frozen or end. Never throws. */
export async function flushRecords(ctx: Pick<AppContext, "flows" | "toolCalls">): Promise<void> {
  await Promise.all([ctx.flows.flush(), ctx.toolCalls.flush()]);
}

/** Next bundles instrumentation and routes separately; they meet in the process. */
const place: { usherApp?: AppContext } = globalThis as { usherApp?: AppContext };

/** This process's single context, created on first use. @throws ConfigurationError */
export function app(): AppContext {
  if (!place.usherApp) {
    const env = readEnv();
    exportNextAuthVariables(env);
    place.usherApp = createApp(env);
  }
  return place.usherApp;
}

/** For tests, which run many installations in one process. */
export function installApp(context: AppContext): void {
  place.usherApp = context;
}
