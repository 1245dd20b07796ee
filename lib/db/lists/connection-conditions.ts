import type { ShownConnections } from "@/lib/contracts/connections/connection-console";
import * as Prisma from "../generated/internal/prismaNamespace";
import { containsText } from "../like";
import { refreshableSql } from "../stored-token-set";

export interface ConnectionFilter {
  show: ShownConnections;
  /** Each is part of a name, an address or an account. */
  words: readonly string[];
  /** A person's id. */
  person: string | undefined;
  /** A server's id. */
  server: string | undefined;
  now: Date;
  /** Access that ends before this and cannot be renewed counts as expiring. */
  expiringUntil: Date;
  /** For `unused_…`: not used since. Null for the others. */
  unusedSince: Date | null;
}

/** Stored tokens (`c` is a `StoredTokenSet`) or people's own keys (`c` is a `PersonalKey`). */
export type ConnectionKind = "tokens" | "key";

/** A header that each person is asked for, with its name in lower case. */
export interface AskedHeader {
  serverId: string;
  name: string;
}

const never = Prisma.sql`false`;

/*
 * A connection's status is decided in lib/contracts/connections/connection-standing.ts. These are the same decisions
 * for the database, so that it can find the few of many; tests/integration/connections/console-filters.test.ts
 * compares them over random rows. These indexes use the same terms: `StoredTokenSet_in_trouble`, `StoredTokenSet_ends`,
 * `StoredTokenSet_idle`.
 */
const inTrouble = Prisma.sql`(
  c."rejectedAt" IS NOT NULL OR c."refreshFailures" > 0 OR c."lastRefreshErrorAt" IS NOT NULL)`;
const isOver = Prisma.sql`(
  c."rejectedAt" IS NOT NULL OR (NOT ${refreshableSql("c")} AND c."refreshFailures" > 0))`;

/** When access ends unless someone authorizes again. */
export const endsAt = {
  tokens: Prisma.sql`(CASE WHEN c."refreshTokenSealed" IS NULL AND c."grantType" = 'AUTHORIZATION_CODE'
    THEN coalesce(c."expiresAt", 'infinity'::timestamptz) ELSE 'infinity'::timestamptz END)`,
  key: Prisma.sql`'infinity'::timestamptz`,
} as const satisfies Record<ConnectionKind, Prisma.Sql>;

/** Since when it is unused. */
export const idleSince = Prisma.sql`coalesce(c."lastUsedAt", c."createdAt")`;

function lacksHeader(asked: readonly AskedHeader[]): Prisma.Sql {
  return Prisma.sql`EXISTS (
    SELECT 1 FROM unnest(${asked.map(({ serverId }) => serverId)}::text[],
      ${asked.map(({ name }) => name)}::text[]) AS asked ("serverId", "name")
    WHERE asked."serverId" = c."serverId"
      AND NOT EXISTS (SELECT 1 FROM unnest(c."headerNames") given WHERE lower(given) = asked."name"))`;
}

function shownCondition(
  kind: ConnectionKind,
  { show, now, expiringUntil, unusedSince }: ConnectionFilter,
  asked: readonly AskedHeader[],
): Prisma.Sql | null {
  switch (show) {
    case "all":
      return null;
    case "failing":
      return kind === "key"
        ? never
        : Prisma.sql`${inTrouble} AND c."rejectedAt" IS NULL AND ${refreshableSql("c")}`;
    case "needs_authorization":
      return kind === "key"
        ? Prisma.sql`(c."rejectedAt" IS NOT NULL OR ${lacksHeader(asked)})`
        : Prisma.sql`((${inTrouble} AND ${isOver}) OR ${endsAt.tokens} <= ${now}::timestamptz)`;
    case "expiring":
      return kind === "key"
        ? never
        : Prisma.sql`${endsAt.tokens} > ${now}::timestamptz
            AND ${endsAt.tokens} <= ${expiringUntil}::timestamptz AND NOT ${isOver}`;
    case "unused_30":
    case "unused_90":
      return Prisma.sql`${idleSince} <= ${unusedSince}::timestamptz`;
    case "disabled":
      return Prisma.sql`c."userId" IN (SELECT "id" FROM "User" WHERE "disabledAt" IS NOT NULL)`;
  }
}

/** `names` has what most searches need of the token sets. */
export const tables = {
  tokens: Prisma.sql`"StoredTokenSet"`,
  key: Prisma.sql`"PersonalKey"`,
  names: Prisma.sql`"AccountName"`,
} as const satisfies Record<ConnectionKind | "names", Prisma.Sql>;

/** How the rows `c` are searched: by their own columns, as an `AccountName`, or by the `AccountName` of each. */
export type SearchedBy = "columns" | "names" | "theirNames";

/** Of a `WITH`, for the conditions below: the servers and people whose names contain each word, read once for all. */
export function namedLike(words: readonly string[]): Prisma.Sql[] {
  return words.flatMap((word, at) => {
    const name = containsText(Prisma.sql`"name"`, word);
    const email = containsText(Prisma.sql`"email"`, word);
    return [
      Prisma.sql`${nameOf("servers", at)} AS MATERIALIZED (SELECT "id" FROM "McpServer" WHERE ${name})`,
      Prisma.sql`${nameOf("people", at)} AS MATERIALIZED (SELECT "id" FROM "User" WHERE ${name} OR ${email})`,
    ];
  });
}

const nameOf = (what: "servers" | "people", at: number) => Prisma.raw(`${what}${at}`);

function wordsCondition(words: readonly string[], by: SearchedBy): Prisma.Sql[] {
  if (words.length === 0) return [];
  if (by === "theirNames") {
    return [
      Prisma.sql`c."id" IN (SELECT c."id" FROM ${tables.names} c
        WHERE ${Prisma.join(wordsCondition(words, "names"), " AND ")})`,
    ];
  }
  return words.map((word, at) => {
    const isInAccount =
      by === "names"
        ? // In lower case: calling `lower` on each would take most of the time.
          Prisma.sql`strpos(c."name", lower(${word})) > 0`
        : containsText(Prisma.sql`c."accountName"`, word);
    return Prisma.sql`(c."serverId" IN (SELECT "id" FROM ${nameOf("servers", at)})
      OR c."userId" IN (SELECT "id" FROM ${nameOf("people", at)}) OR ${isInAccount})`;
  });
}

/** For the rows `c` of this kind. Nothing else is joined, so that they can be counted as well. */
export function connectionConditions(
  kind: ConnectionKind,
  filter: ConnectionFilter,
  asked: readonly AskedHeader[],
  by: SearchedBy = "columns",
): Prisma.Sql[] {
  const { words, person, server } = filter;
  const shown = shownCondition(kind, filter, asked);
  return [
    ...(shown ? [shown] : []),
    ...wordsCondition(words, by),
    ...(person === undefined ? [] : [Prisma.sql`c."userId" = ${person}`]),
    ...(server === undefined ? [] : [Prisma.sql`c."serverId" = ${server}`]),
  ];
}
