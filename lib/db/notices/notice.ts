import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { NoticeKind } from "@/lib/contracts/notices/notice";
import { accessColumns, type StoredAccess } from "../accounts/access";
import type { Database, DatabaseTransaction } from "../client";
import { Prisma } from "../generated/client";
import { endsAt } from "../lists/connection-conditions";
import { publishing } from "../webhooks/webhook-event";

export interface WantedNotice {
  kind: NoticeKind;
  serverId: string;
  serverName: string;
  /** Null: all admins. */
  userId: string | null;
}

export interface NoticeRow extends WantedNotice {
  id: string;
  openedAt: Date;
  closedAt: Date | null;
}

export type AccountInTrouble = StoredAccess & {
  serverId: string;
  serverName: string;
  serverSwitchedOff: boolean;
  userId: string | null;
  /** False: nothing is stored. */
  stored: boolean;
  /** Names of people whose calls wait for a shared account and who asked the admins. */
  askedBy: string[];
} & Omit<ConnectionFacts, "noRefreshToken">;

/** Who asks for their notices. */
export interface Audience {
  userId: string;
  /** What concerns a shared account is for admins. */
  isAdmin: boolean;
}

/** Until the transaction ends. False: another process has them, and brings them up to date. */
export async function claimNotices(tx: DatabaseTransaction): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ claimed: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtext('usher:notices')) AS "claimed"`;
  return row?.claimed ?? false;
}

/**
 * Every account that may need a person, and shared ones that nobody authorized, in one statement. Accounts that work
 * are left out by the indexes `StoredTokenSet_in_trouble` and `StoredTokenSet_ends`.
 * @param whose null: everybody's
 */
export function listAccountsInTrouble(
  tx: Database | DatabaseTransaction,
  now: Date,
  whose: Audience | null = null,
): Promise<AccountInTrouble[]> {
  const concerned =
    whose === null
      ? Prisma.empty
      : Prisma.sql`AND (c."userId" = ${whose.userId} OR (c."userId" IS NULL AND ${whose.isAdmin}))`;
  return tx.$queryRaw<AccountInTrouble[]>`
    SELECT s."id" AS "serverId", s."name" AS "serverName", s."switchedOffAt" IS NOT NULL AS "serverSwitchedOff",
      c."userId", c."id" IS NOT NULL AS "stored", c."expiresAt", c."refreshTokenSealed" IS NOT NULL AS "refreshable",
      c."rejectedAt", coalesce(c."refreshFailures", 0) AS "refreshFailures", c."nextRefreshAt",
      c."lastRefreshError", c."lastRefreshErrorAt", coalesce(c."failsAlone", false) AS "failsAlone",
      CASE WHEN c."userId" IS NULL THEN ${askedBy} ELSE '{}' END AS "askedBy",
      ${accessColumns("serverId", "s", Prisma.sql`c."userId"`)}
    FROM (
      SELECT c."serverId" AS "ofServer", c.* FROM "StoredTokenSet" c
      WHERE c."rejectedAt" IS NOT NULL OR c."refreshFailures" > 0 OR c."lastRefreshErrorAt" IS NOT NULL
        OR ${endsAt.tokens} <= ${now}::timestamptz
      UNION ALL
      SELECT o."serverId", c.* FROM "OAuthClient" o
      LEFT JOIN "StoredTokenSet" c ON c."serverId" = o."serverId" AND c."ownerKey" = 'shared'
      WHERE o."tokenSharing" = 'SHARED' AND c."id" IS NULL
    ) c
    JOIN "McpServer" s ON s."id" = c."ofServer"
    JOIN "OAuthClient" o ON o."serverId" = s."id"
    WHERE s."authentication" = 'OAUTH' AND (c."userId" IS NULL) = (o."tokenSharing" = 'SHARED') ${concerned}`;
}

const askedBy = Prisma.sql`ARRAY(
  SELECT u."name" FROM "User" u WHERE u."disabledAt" IS NULL AND u."id" IN (
    SELECT v."userId" FROM "PausedToolCall" p JOIN "Conversation" v ON v."id" = p."conversationId"
    WHERE p."serverId" = s."id" AND p."adminAskedAt" IS NOT NULL AND p."state" = 'AWAITING_AUTHORIZATION')
  ORDER BY u."name")`;

/** Since when each is open that concerns this person, as the sweep has seen it. */
export function listOpenedSince(
  db: Database,
  { userId, isAdmin }: Audience,
): Promise<Pick<NoticeRow, "kind" | "serverId" | "userId" | "openedAt">[]> {
  return db.$queryRaw`
    SELECT n."kind", n."serverId", n."userId", n."openedAt" FROM "Notice" n
    WHERE n."closedAt" IS NULL AND (n."userId" = ${userId} OR (n."userId" IS NULL AND ${isAdmin}))`;
}

/** Opens what is wanted and closes what is not, each in one statement. Returns what changed. */
export async function saveNotices(
  tx: DatabaseTransaction,
  wanted: readonly WantedNotice[],
  now: Date,
): Promise<{ opened: NoticeRow[]; closed: NoticeRow[] }> {
  const rows = Prisma.sql`jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
    AS w ("kind" text, "serverId" text, "serverName" text, "userId" text)`;
  const columns = Prisma.raw(
    `n."id", n."kind", n."serverId", n."serverName", n."userId", n."openedAt", n."closedAt"`,
  );
  const closed = await tx.$queryRaw<NoticeRow[]>`
    UPDATE "Notice" n SET "closedAt" = ${now}::timestamptz
    WHERE n."closedAt" IS NULL AND NOT EXISTS (SELECT 1 FROM ${rows}
      WHERE w."kind" = n."kind" AND w."serverId" = n."serverId" AND w."userId" IS NOT DISTINCT FROM n."userId")
    RETURNING ${columns}`;
  const opened = await tx.$queryRaw<NoticeRow[]>`
    INSERT INTO "Notice" AS n ("id", "kind", "serverId", "serverName", "userId", "openedAt")
    SELECT gen_random_uuid()::text, w."kind", w."serverId", w."serverName", w."userId", ${now}::timestamptz
    FROM ${rows}
    ON CONFLICT DO NOTHING
    RETURNING ${columns}`;
  return { opened, closed };
}

/** Tells webhooks of all of them in one statement, in the transaction that changed them. */
export async function publishNotices(
  db: Database,
  tx: DatabaseTransaction,
  events: readonly { type: string; data: object }[],
  now: Date,
): Promise<void> {
  const rows = Prisma.sql`
    SELECT 'msg_' || replace(gen_random_uuid()::text, '-', '') AS "id", e."type",
      ${now}::timestamptz AS "at", e."data"
    FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS e ("type" text, "data" jsonb)`;
  const deliveries = await tx.$executeRaw`WITH ${publishing(rows)}`;
  if (deliveries > 0) db.$published();
}

/** @param most deleted at once; the next run goes on */
export async function deleteNoticesClosedBefore(
  db: Database,
  before: Date,
  most: number,
): Promise<void> {
  await db.$executeRaw`
    DELETE FROM "Notice" WHERE "id" IN (
      SELECT "id" FROM "Notice" WHERE "closedAt" < ${before}::timestamptz LIMIT ${most})`;
}
