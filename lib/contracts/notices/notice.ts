import type { ConnectionStanding } from "../connections/connection";

/** What needs a person. A new kind is a line here, in `decisions`, and in the table of docs/notices.md. */
export const noticeKinds = [
  "shared_account_needs_authorization",
  "authorization_requested",
  "own_account_needs_authorization",
  "refresh_failing",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** What is known of one account, shared or a person's own. */
export interface AccountFacts {
  standing: Pick<ConnectionStanding, "status">;
  /** Null: shared, and for admins. */
  userId: string | null;
  /** Of a shared account: an admin may always use its server. */
  mayUse: boolean;
  serverSwitchedOff: boolean;
  /** Of a shared account: how many people wait for it and asked the admins. */
  waitingPeople: number;
  /** When the stored access token ends. Null: nothing is stored, or the provider gave no lifetime. */
  expiresAt: Date | null;
}

export interface NoticeDecision {
  should: boolean;
  reason:
    | "open"
    | "server_switched_off"
    | "may_not_use"
    | "other_owner"
    | "works"
    | "nobody_asked"
    | "not_yet"
    | "other_notice";
}

/**
 * The sweep refreshes from ten minutes before the end of access, so access that ended so long ago has not been
 * renewed for about an hour.
 */
export const failingAfterMs = 50 * 60_000;

/** Whether a notice of this kind should be open for this account. */
export function decideNotice(kind: NoticeKind, facts: AccountFacts, now: Date): NoticeDecision {
  if (facts.serverSwitchedOff) return no("server_switched_off");
  if (!facts.mayUse) return no("may_not_use");
  return decisions[kind](facts, now);
}

const decisions: Record<NoticeKind, (facts: AccountFacts, now: Date) => NoticeDecision> = {
  shared_account_needs_authorization: (facts) => {
    const decided = forAdmins(facts);
    return decided.should && facts.waitingPeople > 0 ? no("other_notice") : decided;
  },
  authorization_requested: (facts) => {
    const decided = forAdmins(facts);
    return decided.should && facts.waitingPeople === 0 ? no("nobody_asked") : decided;
  },
  own_account_needs_authorization: ({ userId, standing: { status } }) => {
    if (userId === null) return no("other_owner");
    // Whoever never had an account is asked in the chat, when a call needs one.
    return isOver(status) ? yes : no("works");
  },
  refresh_failing: ({ standing: { status }, expiresAt }, now) => {
    if (isOver(status)) return no("other_notice");
    if (status !== "retrying") return no("works");
    const longAgo = now.getTime() - failingAfterMs;
    return expiresAt !== null && expiresAt.getTime() <= longAgo ? yes : no("not_yet");
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
