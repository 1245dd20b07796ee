import type { ConnectionStanding } from "../connections/connection";
import { expiringMs } from "../connections/connection-standing";
import type { NoticeDecision } from "./decision";
import { installationNoticeKinds } from "./installation-notice";

/** What an account needs. A new kind is a line here, in `decisions`, and in the table of docs/notices.md. */
export const accountNoticeKinds = [
  "shared_account_needs_authorization",
  "authorization_requested",
  "own_account_needs_authorization",
  "reauthorization_requested",
  "refresh_failing",
  "access_ends_soon",
] as const;
export type AccountNoticeKind = (typeof accountNoticeKinds)[number];

/** Things that need a person's attention. */
export const noticeKinds = [
  ...accountNoticeKinds,
  "tools_to_review",
  ...installationNoticeKinds,
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** What is known about one account, shared or a person's own. */
export interface AccountFacts {
  standing: Pick<ConnectionStanding, "status">;
  /** Null: shared, and for admins. */
  userId: string | null;
  /** For a shared account: an admin may always use its server. */
  mayUse: boolean;
  serverSwitchedOff: boolean;
  /** For a shared account: how many people wait for it and asked the admins. */
  waitingPeople: number;
  /** When the stored access token ends. Null: nothing is stored, or the provider gave no lifetime. */
  expiresAt: Date | null;
  /** When it was granted. */
  obtainedAt: Date | null;
  /** When the refresh token ends. Null: no refresh token, or the provider did not say. */
  refreshTokenExpiresAt: Date | null;
  /** The last refresh moved that end. Null: unknown. */
  refreshTokenExtended: boolean | null;
  /** An admin asked its owner to authorize again, and they have not. */
  reauthorizationRequested: boolean;
}

/**
 * The sweep refreshes from ten minutes before the end of access, so access that ended this long ago has not been
 * renewed for about an hour.
 */
export const failingAfterMs = 50 * 60_000;

/** Whether a notice of this kind should be open for this account. */
export function decideNotice(
  kind: AccountNoticeKind,
  facts: AccountFacts,
  now: Date,
): NoticeDecision {
  if (facts.serverSwitchedOff) return no("server_switched_off");
  if (!facts.mayUse) return no("may_not_use");
  return decisions[kind](facts, now);
}

const decisions: Record<AccountNoticeKind, (facts: AccountFacts, now: Date) => NoticeDecision> = {
  shared_account_needs_authorization: (facts) => {
    const decided = forAdmins(facts);
    const told = facts.waitingPeople > 0 || facts.reauthorizationRequested;
    return decided.should && told ? no("other_notice") : decided;
  },
  authorization_requested: (facts) => {
    const decided = forAdmins(facts);
    return decided.should && facts.waitingPeople === 0 ? no("nobody_asked") : decided;
  },
  own_account_needs_authorization: (facts) => {
    if (facts.userId === null) return no("other_owner");
    // A person who never had an account is asked in the chat, when a call needs one.
    if (!isOver(facts.standing.status)) return no("works");
    return facts.reauthorizationRequested ? no("other_notice") : yes;
  },
  reauthorization_requested: (facts) => {
    if (!facts.reauthorizationRequested) return no("nobody_asked");
    // The people who wait say more than the request itself.
    return facts.waitingPeople > 0 && forAdmins(facts).should ? no("other_notice") : yes;
  },
  refresh_failing: ({ standing: { status }, expiresAt }, now) => {
    if (isOver(status)) return no("other_notice");
    if (status !== "retrying") return no("works");
    const longAgo = now.getTime() - failingAfterMs;
    return expiresAt !== null && expiresAt.getTime() <= longAgo ? yes : no("not_yet");
  },
  access_ends_soon: (facts, now) => {
    if (facts.reauthorizationRequested || isOver(facts.standing.status)) return no("other_notice");
    const { standing, expiresAt, obtainedAt, refreshTokenExpiresAt } = facts;
    if (standing.status === "expiring" && expiresAt !== null && obtainedAt !== null) {
      const halfTime = (expiresAt.getTime() + obtainedAt.getTime()) / 2;
      return now.getTime() >= halfTime ? yes : no("not_yet");
    }
    // Many refresh tokens expire within hours and are renewed with each refresh.
    if (refreshTokenExpiresAt === null || facts.refreshTokenExtended !== false) return no("works");
    const left = refreshTokenExpiresAt.getTime() - now.getTime();
    if (left > expiringMs) return no("not_yet");
    // It refreshed after that end, so the provider meant something else by it.
    return left > 0 ? yes : no("works");
  },
};

function forAdmins({ userId, standing: { status } }: AccountFacts): NoticeDecision {
  if (userId !== null) return no("other_owner");
  return isOver(status) || status === "not_connected" ? yes : no("works");
}

function isOver(status: ConnectionStanding["status"]): boolean {
  return status === "needs_authorization" || status === "expired";
}

const yes: NoticeDecision = { should: true, reason: "open" };

function no(reason: NoticeDecision["reason"]): NoticeDecision {
  return { should: false, reason };
}
