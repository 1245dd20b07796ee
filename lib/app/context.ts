import type { AsyncLocalStorage } from "node:async_hooks";
import type { ToolCallAudit } from "@/lib/audit/tool-calls";
import type { TestUnderWay, UnsendableTools } from "@/lib/calls/test-server";
import type { RunningTurns } from "@/lib/chat/turn/running-turns";
import type { Database } from "@/lib/db/client";
import type { DiscoveryContext } from "@/lib/discovery/context";
import type { Outbox } from "@/lib/email/outbox";
import type { Env } from "@/lib/env";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { ReadinessProbes } from "@/lib/http/readiness-probes";
import type { Log } from "@/lib/log";
import type { McpConnections } from "@/lib/mcp/connections";
import type { StdioServers } from "@/lib/mcp/stdio/launch";
import type { OutboundFetch } from "@/lib/net/fetch";
import type { ModelOutbound } from "@/lib/net/model-outbound";
import type { EndpointCache, ForgetServer } from "@/lib/servers/open-endpoint";
import type { ServerRules } from "@/lib/servers/validate";
import type { IdentityProvider } from "@/lib/session/oidc/late-provider";
import type { SessionClaims } from "@/lib/session/session-user";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import type { IdentityOf } from "@/lib/tokens/identity";
import type { ProviderGate } from "@/lib/tokens/provider-gate";
import type { RefreshOutcome } from "@/lib/tokens/refresh-outcome";
import type { TokenCache } from "@/lib/tokens/token-cache";
import type { Keyring } from "@/lib/vault/keyring";
import type { WebhookDeliveries } from "@/lib/webhooks/deliveries";
import type { WorkUnderWay } from "@/lib/work-under-way";

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
  oidc: IdentityProvider | null;
  /** Who a person is at the identity provider, by what their last sign-in left. */
  identityOf: IdentityOf;
  /** Revokes at the identity provider the refresh tokens that were deleted here. Never throws. */
  revokeEndedSignIns: () => Promise<void>;
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
  /** The request being answered, for its log lines. */
  requests: AsyncLocalStorage<RequestUnderWay>;
  telemetry: TelemetrySwitch;
  underWay: WorkUnderWay;
  /** What must be true before requests are answered (lib/boot.ts). */
  startup: { isDone: boolean; waitsFor: string | null };
  /** Aborted by `stop`, when the process has to end. */
  stopping: AbortSignal;
  stop: () => void;
  /** Who checks whether this process is ready. */
  probes: ReadinessProbes;
  /** Work that a response does not wait for, but that must finish before the process may be frozen. */
  afterResponse: (work: () => Promise<void>) => void;
}
