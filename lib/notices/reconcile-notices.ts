import { decideFor } from "@/lib/access/read-access";
import { standingOf } from "@/lib/contracts/connections/connection-standing";
import { type AccountFacts, decideNotice, noticeKinds } from "@/lib/contracts/notices/notice";
import type { Database } from "@/lib/db/client";
import {
  type AccountInTrouble,
  claimNotices,
  listAccountsInTrouble,
  type NoticeRow,
  publishNotices,
  saveNotices,
  type WantedNotice,
} from "@/lib/db/notices/notice";
import { mailNotices, type NoticeMailer } from "./mail-notices";

interface NoticeContext {
  db: Database;
  now: () => Date;
  /** Null or left out: Usher sends no mail. */
  mail?: NoticeMailer | null;
}

/**
 * Opens a notice for each thing that needs a person and closes those whose cause is gone, in one transaction, with
 * the events of webhooks and mails in it. May run in several processes and any number of times: a notice is opened and closed once.
 */
export async function reconcileNotices({ db, now, mail }: NoticeContext): Promise<void> {
  const at = now();
  await db.$transaction(async (tx) => {
    // Two that read at once would undo each other.
    if (!(await claimNotices(tx))) return;
    const accounts = await listAccountsInTrouble(tx, at);
    const { opened, closed } = await saveNotices(
      tx,
      accounts.flatMap((account) => wantedFor(account, at)),
      at,
    );
    const events = [...closed.map(eventOf), ...opened.map(eventOf)];
    if (events.length > 0) await publishNotices(db, tx, events, at);
    if (mail) await mailNotices(mail, tx, opened, at);
  });
}

/** What this account needs of a person now. */
export function wantedFor(account: AccountInTrouble, now: Date): WantedNotice[] {
  const { serverId, serverName, userId, serverSwitchedOff, expiresAt } = account;
  const facts: AccountFacts = {
    standing: standingOf(account.stored ? account : null, now),
    ...{ userId, serverSwitchedOff, expiresAt, waitingPeople: account.askedBy.length },
    mayUse: userId === null || decideFor({ role: "MEMBER" }, account).may,
  };
  return noticeKinds
    .filter((kind) => decideNotice(kind, facts, now).should)
    .map((kind) => ({ kind, serverId, serverName, userId }));
}

/** What a webhook is told. Names of people are not in it: their id leads there. */
function eventOf({ id, kind, serverId, serverName, userId, openedAt, closedAt }: NoticeRow) {
  return {
    type: closedAt === null ? "notice.opened" : "notice.closed",
    data: {
      ...{ id, kind },
      server: { id: serverId, name: serverName },
      audience: userId === null ? { admins: true } : { admins: false, userId },
      openedAt: openedAt.toISOString(),
      closedAt: closedAt?.toISOString() ?? null,
    },
  };
}
