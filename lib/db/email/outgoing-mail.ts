import { randomUUID } from "node:crypto";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "../client";
import type { OutgoingMail } from "../generated/client";

interface NewOutgoingMail {
  id: string;
  userId: string | null;
  address: string | null;
  textSealed: Sealed;
  tokenHash: string | null;
  noticeIds: string[];
  createdAt: Date;
}

/** No other process sends it while its lease lasts. */
export interface ClaimedMail
  extends Pick<OutgoingMail, "id" | "textSealed" | "createdAt" | "attempts" | "leaseId"> {
  /** The person's own current address, or the one that it was written for. */
  to: string;
  toName: string;
  /** Of the notices that it lists, those that are open and still for this person. */
  openNoticeIds: string[];
}

/** Of the notices of a mail `m`, for its person, in their current state. */
const openNotices = `
  FROM "Notice" n JOIN "User" u ON u."id" = m."userId"
  WHERE n."id" = ANY (m."noticeIds") AND n."closedAt" IS NULL
    AND (n."userId" = u."id" OR (n."userId" IS NULL AND u."role" = 'ADMIN'))`;

/** @param tx the transaction of what the mail reports */
export async function insertOutgoingMail(
  tx: DatabaseTransaction,
  mails: readonly NewOutgoingMail[],
): Promise<void> {
  await tx.outgoingMail.createMany({ data: [...mails] });
}

/**
 * Deletes obsolete mails: the person is disabled, the link was used, replaced or has ended, or nothing that the mail
 * lists is open.
 */
export async function deleteUselessMail(db: Database, now: Date): Promise<void> {
  await db.$statement(
    `DELETE FROM "OutgoingMail" m WHERE
       EXISTS (SELECT 1 FROM "User" u WHERE u."id" = m."userId" AND u."disabledAt" IS NOT NULL)
       OR (m."noticeIds" <> '{}' AND NOT EXISTS (SELECT 1 ${openNotices}))
       OR (m."tokenHash" IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM "PasswordReset" p
           WHERE p."tokenHash" = m."tokenHash" AND p."expiresAt" > $1)
         AND NOT EXISTS (SELECT 1 FROM "Invitation" i
           WHERE i."tokenHash" = m."tokenHash" AND i."expiresAt" > $1 AND i."acceptedAt" IS NULL))`,
    [now],
  );
}

/** Claims up to `limit` that are due: untried ones first. Rows being claimed by another process are skipped. */
export async function claimMail(
  db: Database,
  dueAt: Date,
  limit: number,
  leaseMs: number,
): Promise<ClaimedMail[]> {
  const { rows } = await db.$statement<ClaimedMail>(
    `WITH claimed AS (
       UPDATE "OutgoingMail"
       SET "leaseId" = $1, "leaseUntil" = now() + make_interval(secs => $2), "attempts" = "attempts" + 1
       WHERE "id" IN (
         SELECT m."id" FROM "OutgoingMail" m
         WHERE (m."nextAttemptAt" IS NULL OR m."nextAttemptAt" <= $3)
           AND (m."leaseUntil" IS NULL OR m."leaseUntil" <= now())
         ORDER BY m."nextAttemptAt" NULLS FIRST, m."createdAt", m."id"
         LIMIT $4
         FOR UPDATE SKIP LOCKED)
       RETURNING *)
     SELECT m."id", m."textSealed", m."createdAt", m."attempts", m."leaseId",
       coalesce(p."email", m."address") AS "to", coalesce(p."name", '') AS "toName",
       ARRAY(SELECT n."id" ${openNotices}) AS "openNoticeIds"
     FROM claimed m LEFT JOIN "User" p ON p."id" = m."userId"
     ORDER BY m."createdAt", m."id"`,
    [randomUUID(), leaseMs / 1000, dueAt, limit],
  );
  return rows;
}

/** It was sent, or will not be sent. */
export async function deleteMail(db: Database, id: string): Promise<void> {
  await db.outgoingMail.deleteMany({ where: { id } });
}

/** Does nothing if the lease has passed to another process. */
export async function putMailBack(
  db: Database,
  { id, leaseId }: Pick<ClaimedMail, "id" | "leaseId">,
  { nextAttemptAt, lastError }: { nextAttemptAt: Date; lastError: string },
): Promise<void> {
  await db.outgoingMail.updateMany({
    where: { id, leaseId },
    data: { nextAttemptAt, lastError, leaseId: null, leaseUntil: null },
  });
}

/** The mails waiting for another attempt, and why the latest one failed. */
export async function failingMail(
  db: Database,
): Promise<{ waiting: number; lastError: string | null }> {
  const where = { lastError: { not: null } };
  const waiting = await db.outgoingMail.count({ where });
  const last = await db.outgoingMail.findFirst({
    where,
    orderBy: { nextAttemptAt: "desc" },
    select: { lastError: true },
  });
  return { waiting, lastError: last?.lastError ?? null };
}
