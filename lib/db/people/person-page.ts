import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { Database } from "../client";
import type { AuditEvent, TokenRevocation } from "../generated/client";
import { isExchangedSql, refreshableSql } from "../stored-token-set";

/** An account of this person's own at a server. */
export type PersonsTokens = ConnectionFacts & {
  serverId: string;
  serverName: string;
  accountName: string | null;
  createdAt: Date;
};

/** By server. Nothing is unsealed. */
export function listTokensOf(db: Database, userId: string): Promise<PersonsTokens[]> {
  return db.$queryRaw<PersonsTokens[]>`
    SELECT t."serverId", s."name" AS "serverName", t."accountName", t."createdAt", t."expiresAt",
      ${refreshableSql("t")} AS "refreshable", t."rejectedAt", t."refreshFailures",
      t."nextRefreshAt", t."lastRefreshError", t."lastRefreshErrorAt", t."failsAlone",
      ${isExchangedSql("t")} AS "managedByOrganization"
    FROM "StoredTokenSet" t JOIN "McpServer" s ON s."id" = t."serverId"
    WHERE t."userId" = ${userId} ORDER BY s."name"`;
}

interface NamedServer {
  serverId: string;
  serverName: string;
}

export function listKeysOf(
  db: Database,
  userId: string,
): Promise<(NamedServer & { accountName: string | null; savedAt: Date })[]> {
  return db.$queryRaw`
    SELECT k."serverId", s."name" AS "serverName", k."accountName", k."savedAt"
    FROM "PersonalKey" k JOIN "McpServer" s ON s."id" = k."serverId"
    WHERE k."userId" = ${userId} ORDER BY s."name"`;
}

/** Servers whose shared account this person authorized last. */
export function listSharedBy(db: Database, userId: string): Promise<NamedServer[]> {
  return db.$queryRaw`
    SELECT t."serverId", s."name" AS "serverName"
    FROM "StoredTokenSet" t JOIN "McpServer" s ON s."id" = t."serverId"
    WHERE t."authorizedById" = ${userId} AND t."userId" IS NULL ORDER BY s."name"`;
}

export function listWorkingKeysOf(
  db: Database,
  userId: string,
  now: Date,
): Promise<{ id: string; name: string; prefix: string }[]> {
  return db.apiKey.findMany({
    where: { userId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
    select: { id: true, name: true, prefix: true },
    orderBy: { name: "asc" },
  });
}

export async function countRunningTurnsOf(db: Database, userId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS "count" FROM "Conversation"
    WHERE "userId" = ${userId} AND "turnId" IS NOT NULL AND "turnUntil" > now()`;
  return row?.count ?? 0;
}

export function countConversationsOf(db: Database, userId: string): Promise<number> {
  return db.conversation.count({ where: { userId } });
}

/** Newest first. */
export function listLastCallsOf(db: Database, userId: string, most: number): Promise<AuditEvent[]> {
  return db.auditEvent.findMany({
    where: { actorId: userId, action: "tool.call" },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: most,
  });
}

export function countReceiptsOf(db: Database, userId: string): Promise<number> {
  return db.tokenRevocation.count({ where: { userId } });
}

/** A receipt, without anything sealed. */
const receipt = {
  ...{ id: true, serverId: true, serverName: true, providerHost: true, accountName: true },
  ...{ outcome: true, attempts: true, answeredAt: true, answer: true, accessUntil: true },
  ...{ nextAttemptAt: true, createdAt: true },
} as const;

export type ReceiptRow = Pick<TokenRevocation, keyof typeof receipt>;

/** Newest first. */
export function listReceiptsOf(db: Database, userId: string, most: number): Promise<ReceiptRow[]> {
  return db.tokenRevocation.findMany({
    where: { userId },
    select: receipt,
    orderBy: [{ createdAt: "desc" }, { serverName: "asc" }, { id: "asc" }],
    take: most,
  });
}
