import type { ConnectionSort } from "@/lib/contracts/connections/connection-console";
import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { Database } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { isExchangedSql, refreshableSql } from "../stored-token-set";
import {
  type AskedHeader,
  type ConnectionFilter,
  type ConnectionKind,
  connectionConditions,
  type SearchedBy,
  tables,
} from "./connection-conditions";
import {
  type AskedPage,
  howManyMatch,
  pageInOrder,
  pageOfFound,
  pageOrder,
} from "./connection-order";

interface Named {
  id: string;
  serverId: string;
  serverName: string;
  /** Null: shared. */
  userId: string | null;
  personName: string | null;
  email: string | null;
  disabledAt: Date | null;
  /** For a shared one. */
  authorizedBy: string | null;
  accountName: string | null;
  lastUsedAt: Date | null;
  createdAt: Date;
  managedByOrganization: boolean;
}

/** For sealed columns only whether they are set. */
export type ListedTokens = Named & Omit<ConnectionFacts, "noRefreshToken"> & { kind: "tokens" };
export type ListedKey = Named & {
  kind: "key";
  headerNames: string[];
  savedAt: Date;
  rejectedAt: Date | null;
  rejectedReason: string | null;
  /** From its server: which headers are required. */
  settings: Prisma.JsonValue;
};
export type ListedConnection = ListedTokens | ListedKey;

export interface ConnectionPage {
  rows: ListedConnection[];
  /** How many match; with `foundMore` even more. Null except on the first page. */
  counts: { found: number; foundMore: boolean } | null;
}

const named = Prisma.sql`c."serverId", s."name" AS "serverName", c."accountName", c."lastUsedAt", c."createdAt",
  c."rejectedAt", u."id" AS "userId", u."name" AS "personName", u."email", u."disabledAt"`;
const columns = {
  tokens: Prisma.sql`CASE WHEN c."userId" IS NULL THEN
      (SELECT a."name" FROM "User" a WHERE a."id" = c."authorizedById") END AS "authorizedBy",
    c."expiresAt", ${refreshableSql("c")} AS "refreshable",
    c."refreshFailures", c."nextRefreshAt", left(c."lastRefreshError", 300) AS "lastRefreshError",
    c."lastRefreshErrorAt", c."failsAlone", ${isExchangedSql("c")} AS "managedByOrganization", NULL::text[] AS "headerNames", NULL::timestamptz AS "savedAt",
    NULL AS "rejectedReason", NULL::jsonb AS "settings"`,
  key: Prisma.sql`NULL AS "authorizedBy", NULL::timestamptz AS "expiresAt", false AS "refreshable",
    0 AS "refreshFailures", NULL::timestamptz AS "nextRefreshAt", NULL AS "lastRefreshError",
    NULL::timestamptz AS "lastRefreshErrorAt", false AS "failsAlone", false AS "managedByOrganization",
    c."headerNames", c."savedAt",
    left(c."rejectedReason", 300) AS "rejectedReason", s."settings"`,
} as const satisfies Record<ConnectionKind, Prisma.Sql>;

const kinds = ["tokens", "key"] as const satisfies ConnectionKind[];

/** If a search finds more, they are not counted: a page is read sooner in the list's order than by sorting all. */
const mostFound = 10_000;

/** A page of everyone's connections, the first with how many match. */
export async function listConnectionsOfAll(
  db: Database,
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  page: AskedPage,
): Promise<ConnectionPage> {
  const isFirst = page.after === null;
  const counted = (found: number | null, foundMore = false) =>
    isFirst && found !== null ? { found, foundMore } : null;
  const matching = howManyMatch(filter);
  if (matching === "many") {
    const count = isFirst ? countMatching(filter, asked) : uncounted;
    const { rows, found } = await readPage(db, page.sort, pageInOrder(filter, asked, page), count);
    return { rows, counts: counted(found) };
  }
  const ofFound = pageOfFound(filter, asked, page, matching === "few" ? null : mostFound);
  const { rows, found } = await readPage(db, page.sort, ofFound, countFound);
  if (matching === "few" || Number(found) <= mostFound) return { rows, counts: counted(found) };
  const inOrder = await readPage(db, page.sort, pageInOrder(filter, asked, page), uncounted);
  return { rows: inOrder.rows, counts: counted(mostFound, true) };
}

const countFound = Prisma.sql`(SELECT count(*) FROM found)::int`;
const uncounted = Prisma.sql`NULL::int`;

/** @param page the `WITH` that has the page's rows */
async function readPage(
  db: Database,
  sort: ConnectionSort,
  page: Prisma.Sql,
  count: Prisma.Sql,
): Promise<{ rows: ListedConnection[]; found: number | null }> {
  const shown = kinds.map(
    (kind) => Prisma.sql`SELECT page.*, ${named}, ${columns[kind]}
      FROM page JOIN ${tables[kind]} c ON c."id" = page."id" JOIN "McpServer" s ON s."id" = c."serverId"
      LEFT JOIN "User" u ON u."id" = c."userId" WHERE page."kind" = ${kind}`,
  );
  const statement = Prisma.sql`${page}
    SELECT counted.*, page.* FROM (SELECT ${count} AS "found") counted
    LEFT JOIN (${Prisma.join(shown, " UNION ALL ")}) page ON true ORDER BY ${pageOrder(sort)}`;
  type Row = ListedConnection & { found: number | null };
  const { rows } = await db.$statement<Row>(statement.text, statement.values);
  // If nothing matches there is a row with only the count.
  return { rows: rows.filter(({ id }) => id !== null), found: rows[0]?.found ?? null };
}

function countMatching(filter: ConnectionFilter, asked: readonly AskedHeader[]): Prisma.Sql {
  const matching = (kind: ConnectionKind, table: Prisma.Sql, by: SearchedBy) => {
    const conditions = connectionConditions(kind, filter, asked, by);
    if (conditions.length === 0) return Prisma.sql`${table} c`;
    return Prisma.sql`${table} c WHERE ${Prisma.join(conditions, " AND ")}`;
  };
  const tokens =
    filter.show === "all"
      ? matching("tokens", tables.names, "names")
      : matching("tokens", tables.tokens, "theirNames");
  const keys = matching("key", tables.key, "columns");
  return Prisma.sql`((SELECT count(*) FROM ${tokens}) + (SELECT count(*) FROM ${keys}))::int`;
}

/** Servers whose people enter their own keys, with the settings that say which headers are required. */
export async function listKeyServers(
  db: Database,
): Promise<{ id: string; settings: Prisma.JsonValue }[]> {
  const { rows } = await db.$statement<{ id: string; settings: Prisma.JsonValue }>(
    `SELECT "id", "settings" FROM "McpServer" s
    WHERE EXISTS (SELECT 1 FROM "PersonalKey" k WHERE k."serverId" = s."id")`,
    [],
  );
  return rows;
}

/** The person and the server named by a link to the list. */
export async function findFilterNames(
  db: Database,
  { person, server }: Partial<Pick<ConnectionFilter, "person" | "server">>,
) {
  const [named, at] = await Promise.all([
    person === undefined
      ? null
      : db.user.findUnique({
          where: { id: person },
          select: { id: true, name: true, email: true },
        }),
    server === undefined
      ? null
      : db.mcpServer.findUnique({ where: { id: server }, select: { id: true, name: true } }),
  ]);
  return { person: named, server: at };
}
