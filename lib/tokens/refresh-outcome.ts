import type { FlowTrigger } from "@/lib/contracts/servers/flow";
import type { Database } from "@/lib/db/client";
import type { Owner, StoredTokenSetRow } from "@/lib/db/stored-token-set";
import type { Outbox } from "@/lib/email/outbox";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { Log } from "@/lib/log";
import type { OutboundFetch } from "@/lib/net/fetch";
import type { Observe, ObservedSteps } from "@/lib/oauth/client";
import { parseUrl } from "@/lib/parse-url";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import type { Keyring } from "@/lib/vault/keyring";
import type { WorkUnderWay } from "@/lib/work-under-way";
import type { IdentityOf } from "./identity";
import type { ProviderGate } from "./provider-gate";
import type { TokenCache } from "./token-cache";
import { mayTryAtOnce, type TokenSet, usable } from "./token-set";
import { openTokens, tokenFacts } from "./token-store";

export interface RefreshContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  outbound: OutboundFetch;
  log: Log;
  tokenCache: TokenCache;
  providerGate: ProviderGate;
  flows: FlowRecorder;
  observe?: Observe | undefined;
  /** Refreshes of this process, by owner. */
  refreshesUnderWay: Map<string, Promise<RefreshOutcome>>;
  underWay: WorkUnderWay;
  /** A person's sign-in at the identity provider. Omitted: none is kept. */
  identityOf?: IdentityOf | undefined;
  /** Notifies the identity provider of sign-ins that have ended. Omitted: there are none. Never throws. */
  revokeEndedSignIns?: (() => Promise<void>) | undefined;
  /** Aborted at shutdown: a sweep then sends nothing more. */
  stopping: AbortSignal;
  /** How long a lease lasts; `leaseMs` unless given, which is for trials that wait for its end. */
  leaseMs?: number;
  telemetry?: TelemetrySwitch;
  /** Null or omitted: Usher sends no mail. */
  mail?: Pick<Outbox, "queue" | "urlOf"> | null;
}

export type RefreshOutcome =
  /** `by`: this call asked the provider, or found what another one had saved. */
  | { outcome: "refreshed"; by: "this" | "another"; tokens: TokenSet; version: number }
  | { outcome: "needs_authorization"; reason: string }
  | { outcome: "try_later"; reason: string; retryAt: Date };

/** No request was needed: the tokens were already replaced, nothing is left to refresh, or it is too early. */
export function settledAlready(
  ctx: RefreshContext,
  row: StoredTokenSetRow | null,
  seenVersion: number,
  byPerson = false,
): RefreshOutcome | null {
  if (row === null) {
    return { outcome: "needs_authorization", reason: "This account is not connected." };
  }
  const facts = tokenFacts(row);
  const decision = usable(facts, ctx.now());
  if (row.version !== seenVersion && decision.use === "now") {
    const tokens = openTokens(ctx.keyring, row);
    return { outcome: "refreshed", by: "another", tokens, version: row.version };
  }
  if (!facts.refreshable || decision.reason === "rejected") {
    const reason =
      row.lastRefreshError ?? "The access ended and the provider gave no way to renew it.";
    return { outcome: "needs_authorization", reason };
  }
  const { retryAt } = facts;
  if (retryAt !== null && retryAt > ctx.now() && !(byPerson && mayTryAtOnce(facts, ctx.now()))) {
    return { outcome: "try_later", reason: row.lastRefreshError ?? "", retryAt };
  }
  return null;
}

export function tryLater(ctx: RefreshContext, reason: string, afterMs: number): RefreshOutcome {
  return { outcome: "try_later", reason, retryAt: new Date(ctx.now().getTime() + afterMs) };
}

/** For a refresh that reached a provider. */
export function countRefresh(
  { telemetry }: RefreshContext,
  { tokenEndpoint }: Pick<StoredTokenSetRow, "tokenEndpoint">,
  { trigger, outcome, ms }: { trigger: string; outcome: RefreshOutcome; ms: number },
): void {
  if (!telemetry?.on) return;
  const host = (tokenEndpoint && parseUrl(tokenEndpoint)?.host) || "unknown";
  telemetry.on.count("usher_refreshes_total", { outcome: outcome.outcome, host, trigger });
  telemetry.on.time("usher_refresh_duration_seconds", ms, { host });
}

const outcomes = {
  refreshed: "succeeded",
  needs_authorization: "failed",
  try_later: "retrying",
} as const;

/** For the flow inspector; in the background. */
export function recordRefresh(
  ctx: Pick<RefreshContext, "flows">,
  { serverId, ownerKey }: Owner,
  refresh: { trigger: FlowTrigger; outcome: RefreshOutcome; steps: ObservedSteps },
): void {
  const { trigger, outcome, steps } = refresh;
  const went = outcomes[outcome.outcome];
  if (!ctx.flows.wants({ serverId, kind: "REFRESH", outcome: went })) return;
  const reason = outcome.outcome === "refreshed" ? null : outcome.reason;
  ctx.flows.record({
    ...{ serverId, ownerKey, kind: "REFRESH", trigger, reason },
    ...{ outcome: went, steps: steps.read() },
  });
}
