import type { ConnectionSort } from "@/lib/contracts/connections/connection-console";
import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { Database } from "../client";
import { Prisma } from "../generated/client";
import { refreshableSql } from "../refresh/refreshable";
import {
  type AskedHeader,
  type ConnectionFilter,
  type ConnectionKind,
  connectionConditions,
  endsAt,
  idleSince,
  tables,
} from "./connection-conditions";

interface Named {
  id: string;
  serverId: string;
  serverName: string;
  /** Null: shared. */
  userId: string | null;
  personName: string | null;
  email: string | null;
  disabledAt: Date | null;
  /** Of a shared one. */
  authorizedBy: string | null;
  accountName: string | null;
  lastUsedAt: Date | null;
  createdAt: Date;
  /** Of a search, how many match altogether; null: of what is no search. */
  found: number | null;
}

/** Of what is sealed only whether it is there. */
export type ListedTokens = Named & Omit<ConnectionFacts, "noRefreshToken"> & { kind: "tokens" };
export type ListedKey = Named & {
  kind: "key";
  headerNames: string[];
  savedAt: Date;
  rejectedAt: Date | null;
  rejectedReason: string | null;
};
export type ListedConnection = ListedTokens | ListedKey;

const named = Prisma.sql`c."id", c."serverId", s."name" AS "serverName", c."accountName", c."lastUsedAt", c."createdAt",
  c."rejectedAt"`;
const ofPerson = Prisma.sql`u."id" AS "userId", u."name" AS "personName", u."email", u."disabledAt",
  NULL AS "authorizedBy"`;
const ofTeam = Prisma.sql`NULL AS "userId", NULL AS "personName", NULL AS "email", NULL::timestamptz AS "disabledAt",
  (SELECT a."name" FROM "User" a WHERE a."id" = c."authorizedById") AS "authorizedBy"`;
const ofTokens = Prisma.sql`'tokens' AS "kind", c."expiresAt", ${refreshableSql("c")} AS "refreshable",
  c."refreshFailures", c."nextRefreshAt", left(c."lastRefreshError", 300) AS "lastRefreshError", c."lastRefreshErrorAt",
  c."failsAlone", '{}'::text[] AS "headerNames", NULL::timestamptz AS "savedAt", NULL AS "rejectedReason"`;
const ofKey = Prisma.sql`'key' AS "kind", NULL::timestamptz AS "expiresAt", false AS "refreshable",
  0 AS "refreshFailures", NULL::timestamptz AS "nextRefreshAt", NULL AS "lastRefreshError",
  NULL::timestamptz AS "lastRefreshErrorAt", false AS "failsAlone", c."headerNames", c."savedAt",
  left(c."rejectedReason", 300) AS "rejectedReason"`;

const server = Prisma.sql`JOIN "McpServer" s ON s."id" = c."serverId"`;
const person = Prisma.sql`JOIN "User" u ON u."id" = c."userId"`;

interface Source {
  kind: ConnectionKind;
  isShared: boolean;
  columns: Prisma.Sql;
  joined: Prisma.Sql;
  only: Prisma.Sql;
}

/** Each is queried on its own, so that an index returns its first rows in order. */
const sources: readonly Source[] = [
  {
    ...{ kind: "tokens", isShared: true, columns: Prisma.sql`${named}, ${ofTeam}, ${ofTokens}` },
    ...{ joined: server, only: Prisma.sql`c."userId" IS NULL` },
  },
  {
    ...{ kind: "tokens", isShared: false, columns: Prisma.sql`${named}, ${ofPerson}, ${ofTokens}` },
    ...{ joined: Prisma.sql`${server} ${person}`, only: Prisma.sql`true` },
  },
  {
    ...{ kind: "key", isShared: false, columns: Prisma.sql`${named}, ${ofPerson}, ${ofKey}` },
    ...{ joined: Prisma.sql`${server} ${person}`, only: Prisma.sql`true` },
  },
];

/** What rows are sorted by, before their id. Those of the team stand before all people. */
function sortKeys(sort: ConnectionSort, { kind, isShared }: Source): Prisma.Sql[] {
  const name = isShared ? Prisma.sql`''::text` : Prisma.sql`u."name"`;
  const email = isShared ? Prisma.sql`''::text` : Prisma.sql`u."email"`;
  switch (sort) {
    case "newest":
      return [Prisma.sql`c."createdAt"`];
    case "used":
      return [idleSince];
    case "ends":
      return [endsAt[kind]];
    case "person":
      return [name, email, Prisma.sql`s."name"`];
    case "server":
      return [Prisma.sql`s."name"`, name, email];
  }
}

const descends = (sort: ConnectionSort) => sort === "newest";
const isOfTime = (sort: ConnectionSort) => sort === "newest" || sort === "used" || sort === "ends";

/**
 * A page of everybody's connections. @param after what the last row of the page before is sorted by, and its id;
 * null begins
 */
export function listConnectionsOfAll(
  db: Database,
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  page: { sort: ConnectionSort; after: readonly string[] | null; limit: number },
): Promise<ListedConnection[]> {
  const { sort, limit, after } = page;
  const isSearch = isFoundFirst(filter);
  const direction = descends(sort) ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const branches = sources.map((source) => {
    const { kind, columns, joined, only } = source;
    const keys = [...sortKeys(sort, source), Prisma.sql`c."id"`];
    const conditions = [
      ...[only, ...beyond(sort, source, keys, after)],
      ...(isSearch ? [] : connectionConditions(kind, filter, asked)),
    ];
    const order = keys.map((key) => Prisma.sql`${key} ${direction}`);
    const numbered = keys.map((key, at) => Prisma.sql`${key} AS ${Prisma.raw(`key${at}`)}`);
    const from = Prisma.sql`${isSearch ? searched[kind] : tables[kind]} c ${joined}`;
    return Prisma.sql`(SELECT ${columns}, ${Prisma.join(numbered)}, ${isSearch ? counted : notCounted}
      FROM ${from} WHERE ${Prisma.join(conditions, " AND ")} ORDER BY ${Prisma.join(order)} LIMIT ${limit})`;
  });
  const places = isOfTime(sort) ? 2 : 4;
  const order = Array.from(
    { length: places },
    (_, at) => Prisma.sql`${Prisma.raw(`key${at}`)} ${direction}`,
  );
  const first = isSearch ? search(filter, asked) : Prisma.empty;
  return db.$queryRaw`${first} ${Prisma.join(branches, " UNION ALL ")} ORDER BY ${Prisma.join(order)} LIMIT ${limit}`;
}

/** Whether few rows match, wherever they are in the order of the list. */
export function isFoundFirst({ words, show }: Pick<ConnectionFilter, "words" | "show">): boolean {
  return words.length > 0 || show === "disabled";
}

const searched = {
  tokens: Prisma.sql`searched_tokens`,
  key: Prisma.sql`searched_keys`,
} as const satisfies Record<ConnectionKind, Prisma.Sql>;
const counted = Prisma.sql`((SELECT count(*) FROM searched_tokens) + (SELECT count(*) FROM searched_keys))::int AS "found"`;
const notCounted = Prisma.sql`NULL::int AS "found"`;

/** Finds what matches once. In the order of a list it would be looked for row by row, and what is rare through all of them. */
function search(filter: ConnectionFilter, asked: readonly AskedHeader[]): Prisma.Sql {
  const where = (kind: ConnectionKind) =>
    Prisma.join(connectionConditions(kind, filter, asked), " AND ");
  return Prisma.sql`WITH searched_tokens AS MATERIALIZED (
      SELECT "id", "serverId", "userId", "accountName", "lastUsedAt", "createdAt", "rejectedAt", "expiresAt",
        left("refreshTokenSealed", 1) AS "refreshTokenSealed", "grantType", "refreshFailures", "nextRefreshAt", "lastRefreshError",
        "lastRefreshErrorAt", "failsAlone", "authorizedById"
      FROM "StoredTokenSet" c WHERE ${where("tokens")}
    ), searched_keys AS MATERIALIZED (
      SELECT "id", "serverId", "userId", "accountName", "lastUsedAt", "createdAt", "rejectedAt", "headerNames",
        "savedAt", "rejectedReason"
      FROM "PersonalKey" c WHERE ${where("key")}
    )`;
}

/** The first alone as well: it can be looked for in the people or servers before anything is joined. */
function beyond(
  sort: ConnectionSort,
  source: Source,
  keys: readonly Prisma.Sql[],
  after: readonly string[] | null,
): Prisma.Sql[] {
  if (after === null) return [];
  const type = isOfTime(sort) ? Prisma.sql`::timestamptz` : Prisma.sql`::text`;
  const values = after.map((value, at) =>
    at === 0 ? Prisma.sql`${value}${type}` : Prisma.sql`${value}::text`,
  );
  const than = descends(sort) ? Prisma.sql`<` : Prisma.sql`>`;
  const [first, begins] = [keys[0], values[0]];
  return [
    Prisma.sql`(${Prisma.join([...keys])}) ${than} (${Prisma.join(values)})`,
    ...(!isOfTime(sort) && !(sort === "person" && source.isShared) && first && begins
      ? [Prisma.sql`${first} >= ${begins}`]
      : []),
  ];
}

export async function countConnectionsOfAll(
  db: Database,
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
): Promise<number> {
  const where = (kind: ConnectionKind) => {
    const conditions = connectionConditions(kind, filter, asked);
    return conditions.length === 0
      ? Prisma.empty
      : Prisma.sql`WHERE ${Prisma.join(conditions, " AND ")}`;
  };
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT ((SELECT count(*) FROM "StoredTokenSet" c ${where("tokens")})
      + (SELECT count(*) FROM "PersonalKey" c ${where("key")}))::int AS "count"`;
  return row?.count ?? 0;
}

/** Servers whose people enter their own keys, with what says which headers they are asked for. */
export function listKeyServers(
  db: Database,
): Promise<{ id: string; settings: Prisma.JsonValue }[]> {
  return db.$queryRaw`
    SELECT "id", "settings" FROM "McpServer" s
    WHERE EXISTS (SELECT 1 FROM "PersonalKey" k WHERE k."serverId" = s."id")`;
}

/** Whom and what a link to the list names. */
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
