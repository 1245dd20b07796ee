import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { Database } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { isExchangedSql, refreshableSql } from "../stored-token-set";

/** Whose tokens, and their state. For sealed columns only whether they are set. */
export type RefreshedRow = ConnectionFacts & {
  serverId: string;
  serverName: string;
  /** Null: shared. */
  personName: string | null;
};

const columns = Prisma.sql`
  t."serverId", s."name" AS "serverName", u."name" AS "personName", t."expiresAt",
  ${refreshableSql("t")} AS "refreshable", t."rejectedAt", t."refreshFailures",
  t."nextRefreshAt", t."lastRefreshError", t."lastRefreshErrorAt", t."failsAlone",
  ${isExchangedSql("t")} AS "managedByOrganization"
  FROM "StoredTokenSet" t JOIN "McpServer" s ON s."id" = t."serverId"
  LEFT JOIN "User" u ON u."id" = t."userId"`;

/** A token refused by its MCP server waits for a person. The same condition as the index: `StoredTokenSet_renewed`. */
const renewsAutomatically = Prisma.sql`t."nextRefreshAt" IS NOT NULL AND t."rejectedAt" IS NULL`;

/** For the same moment. Without it, rows could change places on each read. */
const byName = Prisma.sql`s."name", u."name" NULLS FIRST, t."id"`;

/** What the last refresh did not renew, newest first. */
export function listRefreshFailures(db: Database, limit: number): Promise<RefreshedRow[]> {
  return db.$queryRaw`
    SELECT ${columns} WHERE t."lastRefreshErrorAt" IS NOT NULL
    ORDER BY t."lastRefreshErrorAt" DESC, ${byName} LIMIT ${limit}`;
}

export function listUpcomingRefreshes(db: Database, limit: number): Promise<RefreshedRow[]> {
  return db.$queryRaw`
    SELECT ${columns} WHERE ${renewsAutomatically}
    ORDER BY t."nextRefreshAt", ${byName} LIMIT ${limit}`;
}

export async function countRefreshable(db: Database): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS "count" FROM "StoredTokenSet" t WHERE ${renewsAutomatically}`;
  return row?.count ?? 0;
}
