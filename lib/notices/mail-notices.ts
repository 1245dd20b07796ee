import type { NoticeKind } from "@/lib/contracts/notices/notice";
import {
  latestDailyMail,
  type NoticeMail,
  noticeMailOf,
} from "@/lib/contracts/notices/notice-mail";
import { role } from "@/lib/contracts/people/person";
import type { DatabaseTransaction } from "@/lib/db/client";
import type { NoticeRow } from "@/lib/db/notices/notice";
import {
  claimDailyNotices,
  listToTellAtOnce,
  type NoticeForPerson,
} from "@/lib/db/notices/notice-mail";
import type { NewMail, Outbox } from "@/lib/email/outbox";
import { oneLine } from "@/lib/untrusted-text";

export type NoticeMailer = Pick<Outbox, "queue" | "urlOf">;

const longestName = 60;

/**
 * Queues a mail for each person who wants immediate notification of what just opened, and the due daily mails, in the
 * transaction that opened the notices.
 */
export async function mailNotices(
  mail: NoticeMailer,
  tx: DatabaseTransaction,
  opened: readonly NoticeRow[],
  now: Date,
): Promise<void> {
  const ids = opened.map(({ id }) => id);
  const atOnce = ids.length === 0 ? [] : await listToTellAtOnce(tx, ids, rolesWith("AT_ONCE"));
  const daily = await claimDailyNotices(tx, latestDailyMail(now), rolesWith("DAILY"));
  const mails = [...byPerson(atOnce), ...byPerson(daily)].map((notices) => mailOf(mail, notices));
  if (mails.length > 0) await mail.queue(tx, mails);
}

function rolesWith(choice: NoticeMail) {
  return role.options.filter((each) => noticeMailOf(null, each) === choice);
}

function byPerson(notices: readonly NoticeForPerson[]): NoticeForPerson[][] {
  const found = new Map<string, NoticeForPerson[]>();
  for (const notice of notices) {
    found.set(notice.toUserId, [...(found.get(notice.toUserId) ?? []), notice]);
  }
  return [...found.values()];
}

function mailOf(mail: NoticeMailer, notices: readonly NoticeForPerson[]): NewMail {
  const [first] = notices;
  if (!first) throw new Error("A mail tells of at least one notice.");
  const words = notices.map(({ id, kind, serverName }) => ({
    noticeId: id,
    text: textOf[kind](oneLine(serverName ?? "", longestName)),
  }));
  return {
    to: { userId: first.toUserId },
    text: {
      subject:
        notices.length === 1
          ? (words[0]?.text ?? "")
          : `${notices.length} notices in Usher need your attention`,
      paragraphs: ["This needs your attention in Usher:"],
      list: words,
      action: { label: "Open notices", url: mail.urlOf("/notices") },
      footer: `Choose how often you get these emails: ${mail.urlOf("/settings/account")}`,
    },
    noticeIds: notices.map(({ id }) => id),
  };
}

const textOf: Record<NoticeKind, (server: string) => string> = {
  shared_account_needs_authorization: (server) =>
    `${server}: the shared account needs authorization`,
  authorization_requested: (server) => `${server}: somebody is waiting for the shared account`,
  own_account_needs_authorization: (server) => `${server}: authorize your account again`,
  reauthorization_requested: (server) => `${server}: an admin asks you to authorize again`,
  refresh_failing: (server) => `${server}: access cannot be refreshed`,
  access_ends_soon: (server) => `${server}: access ends soon`,
  tools_to_review: (server) => `${server}: tools are waiting for review`,
  sweep_late: () => "Refreshes are late",
  encryption_key_old: () => "The encryption key is a year old",
};
