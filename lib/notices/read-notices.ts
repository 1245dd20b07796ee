import { accountOfOwnerKey } from "@/lib/contracts/connections/account";
import { accountTitle } from "@/lib/contracts/connections/own-account";
import type { NoticeList } from "@/lib/contracts/notices/open-notice";
import type { Role } from "@/lib/contracts/people/person";
import type { Database } from "@/lib/db/client";
import { findInstallationFacts } from "@/lib/db/notices/installation";
import {
  type AccountInTrouble,
  listAccountsInTrouble,
  listOpenedSince,
} from "@/lib/db/notices/notice";
import { listServersToReview } from "@/lib/db/notices/tools";
import { oneLine } from "@/lib/untrusted-text";
import {
  noticeKey,
  onceEach,
  soonAfter,
  wantedFor,
  wantedForInstallation,
  wantedForTools,
} from "./reconcile-notices";

/**
 * What needs this person now, oldest first. It is computed here and not read: what the sweep has stored may be five
 * minutes old, and a person who has just authorized must not be asked again.
 */
export async function readNotices(
  { db, now }: { db: Database; now: () => Date },
  user: { id: string; role: Role },
): Promise<NoticeList> {
  const audience = { userId: user.id, isAdmin: user.role === "ADMIN" };
  const at = now();
  const [accounts, servers, installation] = await Promise.all([
    listAccountsInTrouble(db, soonAfter(at), { whose: audience }),
    // The sweep finds new ones among all tools of all servers; here only existing ones are checked.
    audience.isAdmin ? listServersToReview(db, "noticed") : [],
    audience.isAdmin ? findInstallationFacts(db) : null,
  ]);
  const wanted = [
    ...accounts.flatMap((account) =>
      wantedFor(account, at).map((notice) => ({
        ...notice,
        askedBy: account.askedBy,
        name: nameAmongSeveral(account),
        besideOwn: account.userId === null && account.tokenSharing === "PER_USER",
      })),
    ),
    ...[
      ...wantedForTools(servers),
      ...(installation ? wantedForInstallation(installation, at) : []),
    ].map((notice) => ({ ...notice, askedBy: [], name: null, besideOwn: false })),
  ];
  if (wanted.length === 0) return { notices: [] };
  const opened = await listOpenedSince(db, audience);
  const since = new Map(opened.map((row) => [noticeKey(row), row.openedAt]));
  const notices = onceEach(wanted).map((notice) => ({
    ...{ kind: notice.kind, serverId: notice.serverId, serverName: notice.serverName },
    shared: notice.userId === null,
    besideOwn: notice.besideOwn,
    accountNames: wanted
      .flatMap((each) =>
        each.name !== null && noticeKey(each) === noticeKey(notice) ? [each.name] : [],
      )
      .toSorted((one, other) => one.localeCompare(other)),
    ...{ waitingPeople: notice.askedBy.length, waitingNames: notice.askedBy.slice(0, 2) },
    openedAt: since.get(noticeKey(notice))?.toISOString() ?? null,
  }));
  const latest = at.toISOString();
  return {
    notices: notices.toSorted(
      (a, b) =>
        (a.openedAt ?? latest).localeCompare(b.openedAt ?? latest) ||
        (a.serverName ?? "").localeCompare(b.serverName ?? ""),
    ),
  };
}

const longestName = 60;

/** Null: it is not one of several of a person. */
function nameAmongSeveral(of: AccountInTrouble): string | null {
  const { ownerKey, label, accountName, accounts } = of;
  if (ownerKey === null || accounts < 2) return null;
  const account = accountOfOwnerKey(ownerKey);
  return oneLine(accountTitle({ account, label, accountName }), longestName);
}
