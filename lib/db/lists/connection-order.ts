import type { ConnectionSort } from "@/lib/contracts/connections/connection-console";
import * as Prisma from "../generated/internal/prismaNamespace";
import {
  type AskedHeader,
  type ConnectionFilter,
  type ConnectionKind,
  connectionConditions,
  endsAt,
  idleSince,
  namedLike,
  type SearchedBy,
  tables,
} from "./connection-conditions";

/** Where a page starts, and how many rows it has. */
export interface AskedPage {
  sort: ConnectionSort;
  /** The sort value and id of the previous page's last row. Null starts. */
  after: readonly string[] | null;
  limit: number;
}

interface Source {
  kind: ConnectionKind;
  table: Prisma.Sql;
  by: SearchedBy;
  joined: Prisma.Sql;
  /** The owner's. The team's come before all people's. */
  name: Prisma.Sql;
  email: Prisma.Sql;
  only: Prisma.Sql;
}

const server = Prisma.sql`JOIN "McpServer" s ON s."id" = c."serverId"`;
const ofPerson = {
  joined: Prisma.sql`${server} JOIN "User" u ON u."id" = c."userId"`,
  ...{ name: Prisma.sql`u."name"`, email: Prisma.sql`u."email"`, only: Prisma.sql`true` },
};
const tokens = { kind: "tokens", table: tables.tokens, by: "columns" } as const;
const keys: Source = { kind: "key", table: tables.key, by: "columns", ...ofPerson };

/** Each is queried separately, so that an index returns its first rows in order. */
const inOrder: readonly Source[] = [
  {
    ...{ ...tokens, joined: server, only: Prisma.sql`c."userId" IS NULL` },
    ...{ name: Prisma.sql`''::text`, email: Prisma.sql`''::text` },
  },
  { ...tokens, ...ofPerson },
  keys,
];

function foundFirst({ words, show }: ConnectionFilter, sort: ConnectionSort): readonly Source[] {
  const isInNames = show === "all" && sort !== "used" && sort !== "ends";
  const names = { table: tables.names, by: "names" } as const;
  const found: Source = {
    ...{ ...tokens, by: "theirNames", only: Prisma.sql`true` },
    ...(words.length > 0 && isInNames ? names : {}),
    joined: Prisma.sql`${server} LEFT JOIN "User" u ON u."id" = c."userId"`,
    ...{ name: Prisma.sql`coalesce(u."name", '')`, email: Prisma.sql`coalesce(u."email", '')` },
  };
  if (!isOfTime(sort)) return [found, keys];
  return [found, keys].map((source) => ({ ...source, joined: Prisma.empty }));
}

/** The sort columns, before the id. */
function sortKeys(sort: ConnectionSort, { kind, name, email }: Source): Prisma.Sql[] {
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

const isOfTime = (sort: ConnectionSort) => sort === "newest" || sort === "used" || sort === "ends";
const direction = (sort: ConnectionSort) =>
  sort === "newest" ? Prisma.sql`DESC` : Prisma.sql`ASC`;

/** The columns of `page` that it is sorted by. */
function keyColumns(sort: ConnectionSort): Prisma.Sql[] {
  const names = isOfTime(sort) ? ["key0"] : ["key0", "key1", "key2"];
  return [...names, "id"].map((name) => Prisma.raw(`page."${name}"`));
}

export function pageOrder(sort: ConnectionSort): Prisma.Sql {
  return Prisma.join(keyColumns(sort).map((key) => Prisma.sql`${key} ${direction(sort)}`));
}

/**
 * The `WITH` of a page of connections: `page` has the `kind` and `id` of each of its rows, and their sort values.
 * `found` has all that match. For few, wherever they are in the list's order.
 * @param most if more match, `found` has one more than that, and `page` is empty. Null: any number
 */
export function pageOfFound(
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  page: AskedPage,
  most: number | null,
): Prisma.Sql {
  const { sort, limit } = page;
  const found = foundFirst(filter, sort).map((source) => placesOf(source, filter, asked, sort));
  const fewEnough = most === null ? [] : [Prisma.sql`(SELECT count(*) FROM found) <= ${most}`];
  const conditions = [Prisma.sql`true`, ...fewEnough, ...beyond(page, keyColumns(sort))];
  const limited = most === null ? Prisma.empty : Prisma.sql`LIMIT ${most + 1}`;
  return withNames(
    filter,
    Prisma.sql`found AS MATERIALIZED (${Prisma.join(found, " UNION ALL ")} ${limited}),
    page AS MATERIALIZED (SELECT * FROM found page WHERE ${Prisma.join(conditions, " AND ")}
      ORDER BY ${pageOrder(sort)} LIMIT ${limit})`,
  );
}

/** The same `page`, read in the list's order. For many: it ends at the page's last row. */
export function pageInOrder(
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  page: AskedPage,
): Prisma.Sql {
  const { sort, limit } = page;
  const branches = inOrder.map((source) => {
    const sortedBy = [...sortKeys(sort, source), Prisma.sql`c."id"`];
    const ordered = sortedBy.map((key) => Prisma.sql`${key} ${direction(sort)}`);
    return Prisma.sql`(${placesOf(source, filter, asked, sort, beyond(page, sortedBy))}
      ORDER BY ${Prisma.join(ordered)} LIMIT ${limit})`;
  });
  return withNames(
    filter,
    Prisma.sql`page AS MATERIALIZED (SELECT * FROM (${Prisma.join(branches, " UNION ALL ")}) page
      ORDER BY ${pageOrder(sort)} LIMIT ${limit})`,
  );
}

function withNames({ words }: ConnectionFilter, page: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`WITH ${Prisma.join([...namedLike(words), page])}`;
}

function placesOf(
  source: Source,
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  sort: ConnectionSort,
  more: readonly Prisma.Sql[] = [],
): Prisma.Sql {
  const { kind, table, joined, only, by } = source;
  const sortedBy = sortKeys(sort, source).map(
    (key, at) => Prisma.sql`${key} AS ${Prisma.raw(`key${at}`)}`,
  );
  const conditions = [only, ...more, ...connectionConditions(kind, filter, asked, by)];
  return Prisma.sql`SELECT ${kind} AS "kind", c."id", ${Prisma.join(sortedBy)}
    FROM ${table} c ${joined} WHERE ${Prisma.join(conditions, " AND ")}`;
}

/**
 * How many rows match: `few` are searched for wherever they are in the list's order, which would scan all rows.
 * A search matches `any` number, with its first letter perhaps all.
 */
export function howManyMatch({
  words,
  show,
  person,
  server,
}: ConnectionFilter): "few" | "any" | "many" {
  if (person !== undefined || server !== undefined) return "few";
  if (show !== "all" && show !== "unused_30" && show !== "unused_90") return "few";
  return words.length > 0 ? "any" : "many";
}

/** The first key also separately: it can be searched in the people or servers before anything is joined. */
function beyond({ sort, after }: AskedPage, sortedBy: readonly Prisma.Sql[]): Prisma.Sql[] {
  if (after === null) return [];
  const type = isOfTime(sort) ? Prisma.sql`::timestamptz` : Prisma.sql`::text`;
  const values = after.map((value, at) =>
    at === 0 ? Prisma.sql`${value}${type}` : Prisma.sql`${value}::text`,
  );
  const than = sort === "newest" ? Prisma.sql`<` : Prisma.sql`>`;
  const [first, begins] = [sortedBy[0], values[0]];
  return [
    Prisma.sql`(${Prisma.join([...sortedBy])}) ${than} (${Prisma.join(values)})`,
    ...(!isOfTime(sort) && first && begins ? [Prisma.sql`${first} >= ${begins}`] : []),
  ];
}
