import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { after } from "next/server";
import { createToolCallAudit, type ToolCallAudit } from "@/lib/audit/tool-calls";
import { ChangedCatalogues } from "@/lib/calls/renew-catalogue";
import type { TestUnderWay, UnsendableTools } from "@/lib/calls/test-server";
import { modelOutboundLimits } from "@/lib/chat/context";
import { createRunningTurns, type RunningTurns } from "@/lib/chat/turn/running-turns";
import { createDatabase, type Database } from "@/lib/db/client";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { type DiscoveryContext, discoveryLimits } from "@/lib/discovery/context";
import { createOutbox, type Outbox } from "@/lib/email/outbox";
import { type Env, exportNextAuthVariables, readEnv } from "@/lib/env";
import { createFlowRecorder, type FlowRecorder } from "@/lib/flows/recorder";
import { ReadinessProbes } from "@/lib/http/readiness-probes";
import { createLog, type Log } from "@/lib/log";
import { createMcpConnections, type McpConnections } from "@/lib/mcp/connections";
import { mcpOutboundLimits } from "@/lib/mcp/http/server-fetch";
import type { StdioServers } from "@/lib/mcp/stdio/launch";
import { createStdioServers } from "@/lib/mcp/stdio/servers";
import {
  createOperatorFetch,
  createOutboundAgent,
  createOutboundFetch,
  type OutboundFetch,
} from "@/lib/net/fetch";
import { createModelOutbound, type ModelOutbound } from "@/lib/net/model-outbound";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import { oauthOutboundLimits } from "@/lib/oauth/client";
import { clientIdMetadataUrl } from "@/lib/oauth/registration";
import {
  createEndpointCache,
  type EndpointCache,
  type ForgetServer,
} from "@/lib/servers/open-endpoint";
import type { ServerRules } from "@/lib/servers/validate";
import { type IdentityResult, identityOf, type WantedIdentity } from "@/lib/session/oidc/identity";
import { OidcProvider } from "@/lib/session/oidc/provider";
import { SessionClaims } from "@/lib/session/session-user";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import { ProviderGate } from "@/lib/tokens/provider-gate";
import type { RefreshOutcome } from "@/lib/tokens/refresh-outcome";
import { TokenCache } from "@/lib/tokens/token-cache";
import type { Keyring } from "@/lib/vault/keyring";
import {
  createWebhookDeliveries,
  type WebhookDeliveries,
  webhookOutboundLimits,
} from "@/lib/webhooks/deliveries";
import { createWorkUnderWay, type WorkUnderWay } from "@/lib/work-under-way";

export interface RequestUnderWay {
  id: string;
  apiKey?: { label: string } | null;
}

/** Every real dependency. A function takes only the part it needs. */
export interface AppContext extends ModelOutbound {
  env: Env;
  instanceId: string;
  keyring: Keyring;
  now: () => Date;
  db: Database;
  log: Log;
  outbound: OutboundFetch;
  /** Reaches addresses that the operator set, through the outbound proxy; null: no proxy is set. */
  operatorFetch: typeof fetch | null;
  discovery: DiscoveryContext;
  rules: ServerRules;
  mcp: McpConnections;
  stdio: StdioServers;
  tokenCache: TokenCache;
  endpointCache: EndpointCache;
  forget: ForgetServer;
  sessionClaims: SessionClaims;
  /** Null: no identity provider is configured. */
  oidc: OidcProvider | null;
  /** Who somebody is at the identity provider, by what their last sign-in left. */
  identityOf: (userId: string, wanted?: WantedIdentity) => Promise<IdentityResult>;
  identitiesUnderWay: Map<string, Promise<void>>;
  providerGate: ProviderGate;
  flows: FlowRecorder;
  toolCalls: ToolCallAudit;
  webhooks: WebhookDeliveries;
  /** Null: Usher sends no mail. */
  mail: Outbox | null;
  refreshesUnderWay: Map<string, Promise<RefreshOutcome>>;
  testsUnderWay: Map<string, TestUnderWay>;
  unsendableTools: UnsendableTools;
  turns: RunningTurns;
  /** The request that is being answered, for the lines of its log. */
  requests: AsyncLocalStorage<RequestUnderWay>;
  telemetry: TelemetrySwitch;
  underWay: WorkUnderWay;
  /** What must hold before requests are answered (lib/boot.ts). */
  startup: { isDone: boolean; waitsFor: string | null };
  /** Aborted by `stop`, when the process is to end. */
  stopping: AbortSignal;
  stop: () => void;
  /** Who asks whether this process is ready. */
  probes: ReadinessProbes;
  /** Work that a response does not wait for, but that must finish before the process may rest. */
  afterResponse: (work: () => Promise<void>) => void;
}

/** PGlite is one session behind a socket, where statements queue. */
const embeddedStatementMs = 30_000;
/** @param now the clock; tests hand in theirs */
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
    identitiesUnderWay: new Map(),
    providerGate: new ProviderGate(now),
    ...{ flows, toolCalls },
    webhooks: createWebhookDeliveries(() => app, createOutboundFetch(agent, webhookOutboundLimits)),
    mail: env.email && createOutbox(() => app, env.email),
    ...{ refreshesUnderWay: new Map(), testsUnderWay: new Map() },
    unsendableTools: async (tools) => {
      // The providers' packages are loaded where somebody tests a server, and not at each start.
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

/** Writes queued records before a process may rest or end. Never throws. */
export async function flushRecords(ctx: Pick<AppContext, "flows" | "toolCalls">): Promise<void> {
  await Promise.all([ctx.flows.flush(), ctx.toolCalls.flush()]);
}

/** Next bundles instrumentation and routes apart; they meet in the process. */
const place: { usherApp?: AppContext } = globalThis as { usherApp?: AppContext };

/** This process's one context, made at the first use. @throws ConfigurationError */
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
