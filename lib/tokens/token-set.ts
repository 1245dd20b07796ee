import { type GrantType, grantedFor, needsConsent } from "@/lib/contracts/servers/kinds";

/** One owner's tokens for one server, unsealed. Lives only in memory. */
export interface TokenSet {
  accessToken: string;
  refreshToken: string | null;
  tokenType: string;
  scope: string | null;
  /** Null: the provider gave no lifetime. */
  expiresAt: Date | null;
  obtainedAt: Date;
  /** The grant type that issued them. Absent: AUTHORIZATION_CODE. */
  grantType?: GrantType;
  /** When the refresh token expires. Absent or null: the provider did not say. */
  refreshTokenExpiresAt?: Date | null;
  /** No one has used them for long: the next call renews them, and no sweep. */
  idle?: boolean;
}

/** What can be decided without opening a box. */
export interface TokenFacts {
  expiresAt: Date | null;
  obtainedAt: Date;
  refreshable: boolean;
  /** The MCP server refuses the access token although it is fresh. */
  rejectedAt: Date | null;
  /** The last refresh failed in a way that may pass; not before then. */
  retryAt: Date | null;
  /** When it failed, or was postponed. */
  triedAt: Date | null;
}

/**
 * Whether new tokens can be obtained without a person: by a refresh token, or by the same grant.
 * @param refreshToken sealed or not: only whether there is one matters
 */
export function isRefreshable(
  refreshToken: string | null,
  grantType: GrantType = "AUTHORIZATION_CODE",
): boolean {
  return refreshToken !== null || !needsConsent(grantType);
}

const second = 1000;
const minute = 60 * second;

/** Long enough for the slowest call to be answered with the token it started with. */
const onDemandLeeway = 60 * second;
/** The sweep runs every 5 minutes: one miss still leaves a second try. */
export const sweepLeeway = 10 * minute;

export type UsableDecision =
  | { use: "now"; reason: "valid" | "no_expiry" | "waiting_to_retry" }
  | { use: "after_refresh"; reason: "expired" | "about_to_expire" }
  | { use: "later"; reason: "waiting_to_retry"; retryAt: Date }
  | { use: "never"; reason: "expired" | "rejected" };

/** May this access token be sent now? */
export function usable(facts: TokenFacts, now: Date): UsableDecision {
  if (isRejected(facts, now)) return { use: "never", reason: "rejected" };
  const refresh = needsRefresh(facts, now);
  if (!refresh.should) {
    if (refresh.reason === "cannot_refresh" && hasExpired(facts, now)) {
      return { use: "never", reason: "expired" };
    }
    return { use: "now", reason: refresh.reason === "no_expiry" ? "no_expiry" : "valid" };
  }
  if (facts.retryAt !== null && facts.retryAt > now) {
    // A still-valid access token keeps working while its provider is failing.
    return hasExpired(facts, now)
      ? { use: "later", reason: "waiting_to_retry", retryAt: facts.retryAt }
      : { use: "now", reason: "waiting_to_retry" };
  }
  return { use: "after_refresh", reason: refresh.reason };
}

/** A server may answer 401 because of its own problem. So a refused token is tried again periodically. */
const rejectionHolds = 10 * minute;

export function isRejected(facts: Pick<TokenFacts, "rejectedAt">, now: Date): boolean {
  return facts.rejectedAt !== null && now.getTime() - facts.rejectedAt.getTime() < rejectionHolds;
}

export type RefreshDecision =
  | { should: true; reason: "expired" | "about_to_expire" }
  | { should: false; reason: "valid" | "no_expiry" | "cannot_refresh" };

/** Should a call refresh first? Ignores back-off. */
export function needsRefresh(
  facts: Pick<TokenFacts, "expiresAt" | "obtainedAt" | "refreshable">,
  now: Date,
): RefreshDecision {
  if (facts.expiresAt === null) return { should: false, reason: "no_expiry" };
  const left = facts.expiresAt.getTime() - now.getTime();
  if (left > leewayOf(facts.expiresAt, facts.obtainedAt)) return { should: false, reason: "valid" };
  if (!facts.refreshable) return { should: false, reason: "cannot_refresh" };
  return { should: true, reason: left <= 0 ? "expired" : "about_to_expire" };
}

/**
 * A tenth of a short lifetime: with a fixed minute a token that lives 30 seconds would be
 * refreshed at every call.
 */
function leewayOf(expiresAt: Date, obtainedAt: Date): number {
  const lifetime = Math.max(expiresAt.getTime() - obtainedAt.getTime(), 0);
  return Math.min(onDemandLeeway, lifetime / 10);
}

export function hasExpired(facts: { expiresAt: Date | null }, now: Date): boolean {
  return facts.expiresAt !== null && facts.expiresAt <= now;
}

/**
 * When the sweep refreshes: 10 minutes before the end, but never in the first half of a lifetime,
 * as a token that lives 8 minutes would be due as soon as it is issued. Null: nothing to do.
 */
export function nextRefreshAt(
  tokens: Pick<TokenSet, "expiresAt" | "obtainedAt" | "refreshToken" | "grantType" | "idle">,
): Date | null {
  const { refreshToken, grantType } = tokens;
  if (tokens.expiresAt === null || !isRefreshable(refreshToken, grantType)) return null;
  if (tokens.idle) return null;
  const end = tokens.expiresAt.getTime();
  const halfTime = tokens.obtainedAt.getTime() + (end - tokens.obtainedAt.getTime()) / 2;
  return new Date(Math.max(end - sweepLeeway, halfTime));
}

/** A person does not wait for the back-off, but does not press on a provider either. */
const personsPause = 5 * second;

/**
 * Whether a person's own request is sent although the back-off is not over: the problem may have
 * passed, and they are waiting. A `Retry-After` longer than any back-off is the provider's own
 * word, and applies.
 */
export function mayTryAtOnce(
  { retryAt, triedAt }: Pick<TokenFacts, "retryAt" | "triedAt">,
  now: Date,
): boolean {
  if (retryAt === null || triedAt === null) return true;
  const asked = retryAt.getTime() - triedAt.getTime() > longestRetry;
  return !asked && now.getTime() - triedAt.getTime() >= personsPause;
}

/** How many times in a row a provider may refuse without a reason that Usher understands. */
const mostRefusals = 3;

export type FailedRefreshDecision =
  | { outcome: "needs_authorization"; reason: "grant_ended" | "refused_again" | "exchange_refused" }
  | { outcome: "try_later"; reason: "token_valid" | "may_pass" | "no_consent_needed" };

/**
 * What a failed refresh means for the tokens. Servers say in many ways that a grant has ended; one that
 * refuses a third time in a row, when the access token has expired, means it. Client credentials are not a consent that
 * could end: once the settings or the provider are right again, the next try works. An exchange asks the identity
 * provider whether the person may still use the server: its refusal ends their access at once.
 *
 * @param refusals how many consecutive ones there were before this one
 */
export function decideFailedRefresh(
  verdict: "grant_ended" | "client_refused" | "refused" | "outage",
  {
    refusals,
    expiresAt,
    grantType,
  }: { refusals: number; expiresAt: Date | null; grantType: GrantType },
  now: Date,
): FailedRefreshDecision {
  switch (grantedFor(grantType)) {
    case "client":
      return { outcome: "try_later", reason: "no_consent_needed" };
    case "sign-in":
      return verdict === "grant_ended" || verdict === "refused"
        ? { outcome: "needs_authorization", reason: "exchange_refused" }
        : { outcome: "try_later", reason: "may_pass" };
    case "consent":
  }
  if (verdict === "grant_ended") return { outcome: "needs_authorization", reason: "grant_ended" };
  if (verdict !== "refused") return { outcome: "try_later", reason: "may_pass" };
  if (!hasExpired({ expiresAt }, now)) return { outcome: "try_later", reason: "token_valid" };
  return refusals + 1 >= mostRefusals
    ? { outcome: "needs_authorization", reason: "refused_again" }
    : { outcome: "try_later", reason: "may_pass" };
}

const firstRetry = 15 * second;
/** Shorter than the sweep's period: the first sweep after an outage tries. */
const longestRetry = 4 * minute;

/**
 * Exponential with full jitter in its upper half, so that rows which failed together do not come
 * back together. The provider's own `Retry-After` is a floor, up to an hour.
 *
 * @param failures how many there were before this one
 * @param random in [0, 1)
 */
export function retryDelayMs(
  failures: number,
  retryAfterMs: number | null,
  random: number,
): number {
  const ceiling = Math.min(firstRetry * 2 ** Math.min(failures, 16), longestRetry);
  const backOff = ceiling / 2 + (ceiling / 2) * random;
  return Math.round(Math.max(backOff, Math.min(retryAfterMs ?? 0, 60 * minute)));
}
