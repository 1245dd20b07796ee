import { decideFor } from "@/lib/access/read-access";
import { expiringMs, standingOf } from "@/lib/contracts/connections/connection-standing";
import { audienceOf } from "@/lib/contracts/notices/audience";
import {
  decideInstallationNotice,
  type InstallationFacts,
  installationNoticeKinds,
} from "@/lib/contracts/notices/installation-notice";
import {
  type AccountFacts,
  accountNoticeKinds,
  decideNotice,
} from "@/lib/contracts/notices/notice";
import { decideToolsNotice } from "@/lib/contracts/notices/tools-notice";
import type { Database } from "@/lib/db/client";
import { findInstallationFacts } from "@/lib/db/notices/installation";
import {
  type AccountInTrouble,
  claimNotices,
  listAccountsInTrouble,
  type NoticeRow,
  publishNotices,
  saveNotices,
  type WantedNotice,
} from "@/lib/db/notices/notice";
import { listServersToReview, type ServerToReview } from "@/lib/db/notices/tools";
import { mailNotices, type NoticeMailer } from "./mail-notices";

export interface NoticeContext {
  db: Database;
  now: () => Date;
  /** Null or omitted: Usher sends no mail. */
  mail?: NoticeMailer | null;
}

/**
 * Opens a notice for everything that needs a person and closes those whose cause is gone, in one transaction, together
 * with webhook events and mails. May run in several processes and any number of times: a notice opens and closes once.
 * @param serverIds only of these servers; null: of all, and of the installation
 */
export async function reconcileNotices(
  { db, now, mail }: NoticeContext,
  serverIds: readonly string[] | null = null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    // Two that read at the same time would undo each other.
    await claimNotices(tx);
    const at = now();
    const accounts = await listAccountsInTrouble(tx, soonAfter(at), { serverIds });
    const wanted = [
      ...onceEach(accounts.flatMap((account) => wantedFor(account, at))),
      ...wantedForTools(await listServersToReview(tx, serverIds)),
      ...(serverIds === null ? wantedForInstallation(await findInstallationFacts(tx), at) : []),
    ];
    const { opened, closed } = await saveNotices(tx, wanted, at, serverIds);
    const events = [...closed.map(eventOf), ...opened.map(eventOf)];
    if (events.length > 0) await publishNotices(db, tx, events, at);
    if (mail) await mailNotices(mail, tx, opened, at);
  });
}

type NoticeKey = Pick<WantedNotice, "kind" | "serverId" | "userId">;

export function noticeKey({ kind, serverId, userId }: NoticeKey): string {
  return `${kind}/${serverId}/${userId}`;
}

/** A person with several accounts at a server has one notice of a kind for it. */
export function onceEach<Notice extends NoticeKey>(notices: readonly Notice[]): Notice[] {
  return [...new Map(notices.map((each) => [noticeKey(each), each])).values()];
}

/** Access that ends by then, and that no refresh renews, needs a person as well. */
export function soonAfter(now: Date): Date {
  return new Date(now.getTime() + expiringMs);
}

/** What this account now needs from a person. */
export function wantedFor(account: AccountInTrouble, now: Date): WantedNotice[] {
  const { serverId, serverName, userId, serverSwitchedOff, expiresAt } = account;
  const facts: AccountFacts = {
    standing: standingOf(account.ownerKey === null ? null : account, now),
    ...{ userId, serverSwitchedOff, expiresAt, waitingPeople: account.askedBy.length },
    obtainedAt: account.obtainedAt,
    refreshTokenExpiresAt: account.refreshTokenExpiresAt,
    refreshTokenExtended: account.refreshTokenExtended,
    reauthorizationRequested: account.reauthorizationRequestedAt !== null,
    mayUse: userId === null || decideFor({ role: "MEMBER" }, account).may,
  };
  return accountNoticeKinds
    .filter((kind) => decideNotice(kind, facts, now).should)
    .map((kind) => ({ kind, serverId, serverName, userId }));
}

/** What these servers' tools now need from an admin. */
export function wantedForTools(servers: readonly ServerToReview[]): WantedNotice[] {
  return servers
    .filter((facts) => decideToolsNotice(facts).should)
    .map(({ serverId, serverName }) => ({
      ...{ kind: "tools_to_review", serverId, serverName, userId: null },
    }));
}

/** What the installation now needs from an admin. */
export function wantedForInstallation(facts: InstallationFacts, now: Date): WantedNotice[] {
  return installationNoticeKinds
    .filter((kind) => decideInstallationNotice(kind, facts, now).should)
    .map((kind) => ({ kind, serverId: null, serverName: null, userId: null }));
}

/** A webhook's content. People's names are not in it: their id leads there. */
function eventOf({ id, kind, serverId, serverName, userId, openedAt, closedAt }: NoticeRow) {
  return {
    type: closedAt === null ? "notice.opened" : "notice.closed",
    data: {
      ...{ id, kind },
      server: serverId === null ? null : { id: serverId, name: serverName },
      audience: audienceOf({ userId }),
      openedAt: openedAt.toISOString(),
      closedAt: closedAt?.toISOString() ?? null,
    },
  };
}
