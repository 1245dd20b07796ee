import type { NoticeMail } from "@/lib/contracts/notices/notice-mail";
import type { Role } from "@/lib/contracts/people/person";
import type { Database, DatabaseTransaction } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import type { NoticeRow } from "./notice";

/** A notice and a person it is for. */
export type NoticeForPerson = Pick<NoticeRow, "id" | "kind" | "serverName"> & { toUserId: string };

/** Roles that have this choice until a person makes one. */
type RolesWith = readonly Role[];

/** Who a notice `n` is for: its person, or for a shared account each admin. */
const isFor = Prisma.sql`u."disabledAt" IS NULL
  AND (n."userId" = u."id" OR (n."userId" IS NULL AND u."role" = 'ADMIN'))`;

function chose(choice: NoticeMail, usual: RolesWith): Prisma.Sql {
  return Prisma.sql`coalesce(u."noticeMail"::text = ${choice}, u."role"::text = ANY (${[...usual]}))`;
}

/** For these notices, each with each person who wants to be notified at once. */
export function listToTellAtOnce(
  tx: DatabaseTransaction,
  noticeIds: readonly string[],
  usual: RolesWith,
): Promise<NoticeForPerson[]> {
  return tx.$queryRaw<NoticeForPerson[]>`
    SELECT n."id", n."kind", n."serverName", u."id" AS "toUserId"
    FROM "Notice" n JOIN "User" u ON ${isFor}
    WHERE n."id" = ANY (${[...noticeIds]}) AND ${chose("AT_ONCE", usual)}
    ORDER BY n."serverName", n."id"`;
}

/**
 * The content of this time's daily mail: open notices that opened since the previous one. The same statement marks each
 * person as notified, so that a second run notifies no one.
 */
export function claimDailyNotices(
  tx: DatabaseTransaction,
  dueAt: Date,
  usual: RolesWith,
): Promise<NoticeForPerson[]> {
  return tx.$queryRaw<NoticeForPerson[]>`
    WITH due AS (
      SELECT n."id", n."kind", n."serverName", u."id" AS "toUserId"
      FROM "Notice" n JOIN "User" u ON ${isFor}
      WHERE n."closedAt" IS NULL AND n."openedAt" < ${dueAt}::timestamptz
        AND (u."noticesToldUntil" IS NULL OR n."openedAt" >= u."noticesToldUntil")
        AND ${chose("DAILY", usual)}
    ), told AS (
      UPDATE "User" SET "noticesToldUntil" = ${dueAt}::timestamptz
      WHERE "id" IN (SELECT "toUserId" FROM due)
    )
    SELECT * FROM due ORDER BY "serverName", "id"`;
}

/** @param at from when on a daily mail lists what opens: what was mailed at once is not repeated */
export async function saveNoticeMail(
  db: Database,
  userId: string,
  noticeMail: NoticeMail,
  at: Date | null,
): Promise<void> {
  await db.$transaction([
    db.user.updateMany({
      where: { id: userId },
      data: { noticeMail, ...(at === null ? {} : { noticesToldUntil: at }) },
    }),
    ...(noticeMail === "OFF"
      ? [db.outgoingMail.deleteMany({ where: { userId, noticeIds: { isEmpty: false } } })]
      : []),
  ]);
}
