import type { ConnectionSort } from "@/lib/contracts/connections/connection-console";
import * as Prisma from "../generated/internal/prismaNamespace";
import {
  type AskedHeader,
  type ConnectionFilter,
  type ConnectionKind,
  connectionConditions,
  endsAt,
  idleSince,
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
const keys: Source = { kind: "key", ...ofPerson };

/** Each is queried separately, so that an index returns its first rows in order. */
const inOrder: readonly Source[] = [
  {
    ...{ kind: "tokens", joined: server, only: Prisma.sql`c."userId" IS NULL` },
    ...{ name: Prisma.sql`''::text`, email: Prisma.sql`''::text` },
  },
  { kind: "tokens", ...ofPerson },
  keys,
];

const foundFirst: readonly Source[] = [
  {
    ...{ kind: "tokens", only: Prisma.sql`true` },
    joined: Prisma.sql`${server} LEFT JOIN "User" u ON u."id" = c."userId"`,
    ...{ name: Prisma.sql`coalesce(u."name", '')`, email: Prisma.sql`coalesce(u."email", '')` },
  },
  keys,
];

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
 * If few match, `found` has all that do.
 */
export function pageOfConnections(
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  page: AskedPage,
): Prisma.Sql {
  const { sort, limit } = page;
  const placesOf = (source: Source, more: readonly Prisma.Sql[]) => {
    const { kind, joined, only } = source;
    const sortedBy = sortKeys(sort, source).map(
      (key, at) => Prisma.sql`${key} AS ${Prisma.raw(`key${at}`)}`,
    );
    const conditions = [only, ...more, ...connectionConditions(kind, filter, asked, sort)];
    return Prisma.sql`SELECT ${kind} AS "kind", c."id", ${Prisma.join(sortedBy)}
      FROM ${tables[kind]} c ${joined} WHERE ${Prisma.join(conditions, " AND ")}`;
  };
  const order = pageOrder(sort);
  if (isFoundFirst(filter)) {
    const found = foundFirst.map((source) => placesOf(source, []));
    const conditions = [Prisma.sql`true`, ...beyond(page, keyColumns(sort))];
    return Prisma.sql`WITH found AS MATERIALIZED (${Prisma.join(found, " UNION ALL ")}),
      page AS MATERIALIZED (SELECT * FROM found page WHERE ${Prisma.join(conditions, " AND ")}
        ORDER BY ${order} LIMIT ${limit})`;
  }
  const branches = inOrder.map((source) => {
    const sortedBy = [...sortKeys(sort, source), Prisma.sql`c."id"`];
    const ordered = sortedBy.map((key) => Prisma.sql`${key} ${direction(sort)}`);
    return Prisma.sql`(${placesOf(source, beyond(page, sortedBy))}
      ORDER BY ${Prisma.join(ordered)} LIMIT ${limit})`;
  });
  return Prisma.sql`WITH page AS MATERIALIZED (SELECT * FROM (${Prisma.join(branches, " UNION ALL ")}) page
    ORDER BY ${order} LIMIT ${limit})`;
}

/**
 * Whether few rows match, wherever they are in the list's order. Searching for them in that order would scan
 * all rows.
 */
export function isFoundFirst({ words, show, person, server }: ConnectionFilter): boolean {
  if (words.length > 0 || person !== undefined || server !== undefined) return true;
  return show !== "all" && show !== "unused_30" && show !== "unused_90";
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
