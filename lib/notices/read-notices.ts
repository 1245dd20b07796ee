import type { NoticeList } from "@/lib/contracts/notices/open-notice";
import type { Role } from "@/lib/contracts/people/person";
import type { Database } from "@/lib/db/client";
import { listAccountsInTrouble, listOpenedSince } from "@/lib/db/notices/notice";
import { wantedFor } from "./reconcile-notices";

/**
 * What needs this person now, the oldest first. It is decided here and not read: what the sweep has stored may be five
 * minutes old, and whoever has just authorized must not be asked again.
 */
export async function readNotices(
  { db, now }: { db: Database; now: () => Date },
  user: { id: string; role: Role },
): Promise<NoticeList> {
  const audience = { userId: user.id, isAdmin: user.role === "ADMIN" };
  const at = now();
  const accounts = await listAccountsInTrouble(db, at, audience);
  const wanted = accounts.flatMap((account) =>
    wantedFor(account, at).map((notice) => ({ ...notice, askedBy: account.askedBy })),
  );
  if (wanted.length === 0) return { notices: [] };
  const keyOf = (notice: { kind: string; serverId: string; userId: string | null }) =>
    `${notice.kind}/${notice.serverId}/${notice.userId}`;
  const opened = await listOpenedSince(db, audience);
  const since = new Map(opened.map((row) => [keyOf(row), row.openedAt]));
  const notices = wanted.map((notice) => ({
    ...{ kind: notice.kind, serverId: notice.serverId, serverName: notice.serverName },
    shared: notice.userId === null,
    ...{ waitingPeople: notice.askedBy.length, waitingNames: notice.askedBy.slice(0, 2) },
    openedAt: since.get(keyOf(notice))?.toISOString() ?? null,
  }));
  const latest = at.toISOString();
  return {
    notices: notices.toSorted(
      (a, b) =>
        (a.openedAt ?? latest).localeCompare(b.openedAt ?? latest) ||
        a.serverName.localeCompare(b.serverName),
    ),
  };
}
