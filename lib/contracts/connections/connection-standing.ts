import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import type { ConnectionCounts, ConnectionStanding, ConnectionSummary } from "./connection";

/** What is stored about one owner's tokens. Nothing is unsealed for it. */
export interface ConnectionFacts {
  /** Null: the provider gave no lifetime. */
  expiresAt: Date | null;
  /** A refresh token is stored. */
  refreshable: boolean;
  /** The MCP server refused the access token although it was fresh. */
  rejectedAt: Date | null;
  /** Consecutive failures. */
  refreshFailures: number;
  nextRefreshAt: Date | null;
  lastRefreshError: string | null;
  lastRefreshErrorAt: Date | null;
  /** The provider fails for this account again and again, and responds for others. */
  failsAlone: boolean;
  /** Why it issued no refresh token, if that is known. */
  noRefreshToken?: string | null;
  /** A person's sign-in was exchanged for it; absent: it was not. */
  managedByOrganization?: boolean;
}

/** With less than this left, access that cannot be renewed counts as expiring. */
export const expiringMs = 24 * 60 * 60_000;

/** If a person's sign-in gives them an account, before the first call. */
export function standingBeforeFirstUse(): ConnectionStanding {
  return {
    ...{ status: "on_first_use", since: null, reason: null, nextStep: null, changesInMs: null },
    ...{ expiresAt: null, nextTryAt: null, renewal: "at_next_call" },
  };
}

/**
 * The one decision on a connection's status. Badges, counts, the chat and the pages all use it, so they
 * cannot disagree.
 *
 * @param facts null: nothing is stored
 */
export function standingOf(facts: ConnectionFacts | null, now: Date): ConnectionStanding {
  if (facts === null) return over("not_connected", null, null, now);
  const ended = accessIsOver(facts, now);
  if (ended !== null) return ended;

  const expiresAt = ahead(facts.expiresAt, now);
  // Without its own failure it was postponed, because its provider had not responded for others.
  if (facts.refreshable && (facts.refreshFailures > 0 || facts.lastRefreshErrorAt !== null)) {
    const nextTryAt = ahead(facts.nextRefreshAt, now);
    return {
      status: "retrying",
      since: past(facts.lastRefreshErrorAt, now),
      expiresAt: iso(expiresAt),
      nextTryAt: iso(nextTryAt),
      renewal: "automatic",
      reason: facts.lastRefreshError ?? "The last refresh failed. Usher tries again.",
      nextStep: facts.failsAlone ? "wait_or_authorize" : "wait",
      changesInMs: untilFirst([expiresAt, nextTryAt], now),
    };
  }

  if (facts.expiresAt === null) return connected("not_needed", null, now);
  if (facts.refreshable) {
    return connected(expiresAt === null ? "at_next_call" : "automatic", expiresAt, now);
  }
  const soon = new Date(facts.expiresAt.getTime() - expiringMs);
  if (soon > now) {
    return { ...connected("impossible", expiresAt, now), changesInMs: untilFirst([soon], now) };
  }
  return {
    ...connected("impossible", expiresAt, now),
    status: "expiring",
    reason: notRenewable("Access can't be renewed.", facts),
    nextStep: "authorize_again_in_time",
  };
}

/** Most of a list has this standing. @param expiresAt in the future, or null */
function connected(
  renewal: ConnectionStanding["renewal"],
  expiresAt: Date | null,
  now: Date,
): ConnectionStanding {
  return {
    status: "connected",
    since: null,
    expiresAt: iso(expiresAt),
    nextTryAt: null,
    renewal,
    reason: null,
    nextStep: null,
    changesInMs: expiresAt && expiresAt.getTime() - now.getTime(),
  };
}

/** Every way in which a grant becomes unusable. Add new ones here. */
function accessIsOver(facts: ConnectionFacts, now: Date): ConnectionStanding | null {
  const { rejectedAt, refreshable, refreshFailures, lastRefreshErrorAt, lastRefreshError } = facts;
  if (rejectedAt !== null && facts.managedByOrganization) {
    const reason = lastRefreshError ?? "The MCP server refuses the access from your organization.";
    const ended = over("needs_authorization", rejectedAt, reason, now);
    return { ...ended, nextStep: "ask_organization" };
  }
  if (rejectedAt !== null) {
    const reason = lastRefreshError ?? "The MCP server refuses this account's token.";
    return over("needs_authorization", rejectedAt, reason, now);
  }
  // A refusal that ends the grant deletes the refresh token.
  if (!refreshable && refreshFailures > 0) {
    const reason = lastRefreshError ?? "The provider ended the access.";
    return over("needs_authorization", lastRefreshErrorAt, reason, now);
  }
  if (!refreshable && facts.expiresAt !== null && facts.expiresAt <= now) {
    const reason = notRenewable("Access expired. Authorize again.", facts);
    return over("expired", facts.expiresAt, reason, now);
  }
  return null;
}

function notRenewable(what: string, { noRefreshToken }: ConnectionFacts): string {
  return [what, "The provider issued no refresh token.", noRefreshToken ?? ""].join(" ").trim();
}

function over(
  status: "needs_authorization" | "expired" | "not_connected",
  since: Date | null,
  reason: string | null,
  now: Date,
): ConnectionStanding {
  return {
    ...{ status, since: past(since, now), reason },
    ...{ expiresAt: null, nextTryAt: null, renewal: null, changesInMs: null },
    nextStep: status === "not_connected" ? "authorize" : "authorize_again",
  };
}

/** Whether calls work with these tokens, refreshed if due. */
export function callsWork({ status }: Pick<ConnectionStanding, "status">): boolean {
  const works = ["connected", "expiring", "retrying", "on_first_use"] as const;
  return works.some((each) => each === status);
}

/** Whether an account is stored, whatever its state. */
export function isStored({ status }: Pick<ConnectionStanding, "status">): boolean {
  return status !== "not_connected" && status !== "on_first_use";
}

/** Whether the organization decides on this account. For one by the person's own consent there are alternatives. */
export function isManagedByOrganization(
  tokenSharing: TokenSharing | null,
  { otherAccount }: Pick<ConnectionSummary, "otherAccount">,
): boolean {
  return tokenSharing === "ORGANIZATION" && otherAccount === null;
}

/** For API callers that only ask whether calls work. */
export function shortStatus(standing: Pick<ConnectionStanding, "status">) {
  if (!isStored(standing)) return "not_connected";
  return callsWork(standing) ? "connected" : "expired";
}

export function countStandings(
  standings: readonly Pick<ConnectionStanding, "status">[],
): ConnectionCounts {
  const counts = { connected: 0, retrying: 0, needAuthorization: 0 };
  for (const standing of standings) {
    if (!isStored(standing)) continue;
    if (standing.status === "retrying") counts.retrying += 1;
    else if (callsWork(standing)) counts.connected += 1;
    else counts.needAuthorization += 1;
  }
  return counts;
}

/** Everyone with stored tokens, working or not. */
export function storedAccounts(counts: ConnectionCounts): number {
  return counts.connected + counts.retrying + counts.needAuthorization;
}

/** Null unless it is after `now`. */
function ahead(moment: Date | null, now: Date): Date | null {
  return moment !== null && moment > now ? moment : null;
}

/** Replicas' clocks differ: past events never count as future ones. */
function past(moment: Date | null, now: Date): string | null {
  return moment && iso(moment > now ? now : moment);
}

function iso(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}

function untilFirst(moments: readonly (Date | null)[], now: Date): number | null {
  const left = moments.flatMap((moment) => (moment ? [moment.getTime() - now.getTime()] : []));
  return left.length > 0 ? Math.min(...left) : null;
}
