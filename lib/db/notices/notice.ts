import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { NoticeKind } from "@/lib/contracts/notices/notice";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import { accessColumns, type StoredAccess } from "../accounts/access";
import type { Database, DatabaseTransaction } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { endsAt } from "../lists/connection-conditions";
import { isExchangedSql, refreshableSql } from "../stored-token-set";
import { publishing } from "../webhooks/webhook-event";

export interface WantedNotice {
  kind: NoticeKind;
  /** Both null: it is about the installation. */
  serverId: string | null;
  serverName: string | null;
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
  tokenSharing: TokenSharing;
  /** Null: nothing is stored. */
  ownerKey: string | null;
  label: string | null;
  accountName: string | null;
  /** How many the person has at this server. */
  accounts: number;
  reauthorizationRequestedAt: Date | null;
  obtainedAt: Date | null;
  refreshTokenExpiresAt: Date | null;
  refreshTokenExtended: boolean | null;
  /** Names of people whose calls wait for a shared account and who asked the admins. */
  askedBy: string[];
} & Omit<ConnectionFacts, "noRefreshToken">;

/** The person who asks for their notices. */
export interface Audience {
  userId: string;
  /** Anything about a shared account is for admins. */
  isAdmin: boolean;
}

/** Until the transaction ends. Waits for the current holder, who may have read before the change that caused this. */
export async function claimNotices(tx: DatabaseTransaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('usher:notices'))`;
}

/**
 * Every account that may need a person, and shared ones that no one authorized, in one statement. Working accounts
 * are left out by the indexes `StoredTokenSet_in_trouble`, `StoredTokenSet_ends`, `StoredTokenSet_refresh_token_ends`
 * and `StoredTokenSet_reauthorization_requested`.
 * @param soon access that ends by then, and that no refresh renews, counts too
 * @param only omitted: everyone's, on every server
 */
export function listAccountsInTrouble(
  tx: Database | DatabaseTransaction,
  soon: Date,
  only: { whose?: Audience; serverIds?: readonly string[] | null },
): Promise<AccountInTrouble[]> {
  const { whose, serverIds } = only;
  const concerned = whose
    ? Prisma.sql`AND (c."userId" = ${whose.userId} OR (c."userId" IS NULL AND ${whose.isAdmin}))`
    : Prisma.empty;
  const ofServers = serverIds
    ? Prisma.sql`AND c."ofServer" = ANY (${serverIds}::text[])`
    : Prisma.empty;
  return tx.$queryRaw<AccountInTrouble[]>`
    SELECT s."id" AS "serverId", s."name" AS "serverName", s."switchedOffAt" IS NOT NULL AS "serverSwitchedOff",
      c."userId", o."tokenSharing"::text AS "tokenSharing", c."ownerKey", c."label", c."accountName",
      (SELECT count(*)::int FROM "StoredTokenSet" n
        WHERE n."serverId" = s."id" AND n."userId" = c."userId") AS "accounts",
      c."expiresAt", ${refreshableSql("c")} AS "refreshable",
      c."rejectedAt", coalesce(c."refreshFailures", 0) AS "refreshFailures", c."nextRefreshAt",
      c."lastRefreshError", c."lastRefreshErrorAt", coalesce(c."failsAlone", false) AS "failsAlone",
      c."reauthorizationRequestedAt", c."obtainedAt", c."refreshTokenExpiresAt", c."refreshTokenExtended",
      CASE WHEN c."userId" IS NULL THEN ${askedBy} ELSE '{}' END AS "askedBy",
      ${accessColumns("serverId", "s", Prisma.sql`c."userId"`)}
    FROM (
      SELECT c."serverId" AS "ofServer", c.* FROM "StoredTokenSet" c
      WHERE c."rejectedAt" IS NOT NULL OR c."refreshFailures" > 0 OR c."lastRefreshErrorAt" IS NOT NULL
        OR c."reauthorizationRequestedAt" IS NOT NULL OR ${endsAt.tokens} <= ${soon}::timestamptz
        OR (NOT c."refreshTokenExtended" AND c."refreshTokenExpiresAt" <= ${soon}::timestamptz)
      UNION ALL
      SELECT o."serverId", c.* FROM "OAuthClient" o
      LEFT JOIN "StoredTokenSet" c ON c."serverId" = o."serverId" AND c."ownerKey" = 'shared'
      WHERE o."tokenSharing" = 'SHARED' AND c."id" IS NULL
    ) c
    JOIN "McpServer" s ON s."id" = c."ofServer"
    JOIN "OAuthClient" o ON o."serverId" = s."id"
    WHERE s."authentication" = 'OAUTH' AND (c."userId" IS NULL OR o."tokenSharing" <> 'SHARED')
      ${notRefusedByOrganization} ${concerned} ${ofServers}`;
}

/** The chat says it where it matters: no one can authorize what an organization refuses. */
const notRefusedByOrganization = Prisma.sql`
  AND (c."rejectedAt" IS NULL OR NOT ${isExchangedSql("c")})`;

const askedBy = Prisma.sql`ARRAY(
  SELECT u."name" FROM "User" u WHERE u."disabledAt" IS NULL AND u."id" IN (
    SELECT v."userId" FROM "PausedToolCall" p JOIN "Conversation" v ON v."id" = p."conversationId"
    WHERE p."serverId" = s."id" AND p."adminAskedAt" IS NOT NULL AND p."state" = 'AWAITING_AUTHORIZATION')
  ORDER BY u."name")`;

/** The next consent ends it. Nothing is recorded for a key: it is entered and not authorized. */
export async function noteReauthorizationRequested(
  db: Database,
  connectionId: string,
  at: Date,
): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { id: connectionId },
    data: { reauthorizationRequestedAt: at },
  });
}

/** Since when each notice for this person has been open, as seen by the sweep. */
export function listOpenedSince(
  db: Database,
  { userId, isAdmin }: Audience,
): Promise<Pick<NoticeRow, "kind" | "serverId" | "userId" | "openedAt">[]> {
  return db.$queryRaw`
    SELECT n."kind", n."serverId", n."userId", n."openedAt" FROM "Notice" n
    WHERE n."closedAt" IS NULL AND (n."userId" = ${userId} OR (n."userId" IS NULL AND ${isAdmin}))`;
}

/**
 * Opens what is missing and closes what is obsolete, each in one statement. Returns what changed.
 * @param serverIds closes only those of these servers; null: of all
 */
export async function saveNotices(
  tx: DatabaseTransaction,
  wanted: readonly WantedNotice[],
  now: Date,
  serverIds: readonly string[] | null,
): Promise<{ opened: NoticeRow[]; closed: NoticeRow[] }> {
  const rows = Prisma.sql`jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
    AS w ("kind" text, "serverId" text, "serverName" text, "userId" text)`;
  const columns = Prisma.raw(
    `n."id", n."kind", n."serverId", n."serverName", n."userId", n."openedAt", n."closedAt"`,
  );
  const ofServers = serverIds
    ? Prisma.sql`AND n."serverId" = ANY (${serverIds}::text[])`
    : Prisma.empty;
  const closed = await tx.$queryRaw<NoticeRow[]>`
    UPDATE "Notice" n SET "closedAt" = ${now}::timestamptz
    WHERE n."closedAt" IS NULL ${ofServers} AND NOT EXISTS (SELECT 1 FROM ${rows}
      WHERE w."kind" = n."kind" AND w."serverId" IS NOT DISTINCT FROM n."serverId" AND w."userId" IS NOT DISTINCT FROM n."userId")
    RETURNING ${columns}`;
  const opened = await tx.$queryRaw<NoticeRow[]>`
    INSERT INTO "Notice" AS n ("id", "kind", "serverId", "serverName", "userId", "openedAt")
    SELECT gen_random_uuid()::text, w."kind", w."serverId", w."serverName", w."userId", ${now}::timestamptz
    FROM ${rows}
    ON CONFLICT DO NOTHING
    RETURNING ${columns}`;
  return { opened, closed };
}

/** Notifies webhooks of all of them in one statement, in the transaction that changed them. */
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

/** @param most deleted at once; the next run continues */
export async function deleteNoticesClosedBefore(
  db: Database,
  before: Date,
  most: number,
): Promise<void> {
  await db.$executeRaw`
    DELETE FROM "Notice" WHERE "id" IN (
      SELECT "id" FROM "Notice" WHERE "closedAt" < ${before}::timestamptz LIMIT ${most})`;
}
