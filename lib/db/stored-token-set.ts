import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "./client";
import type { GrantType, StoredTokenSet } from "./generated/client";
import * as Prisma from "./generated/internal/prismaNamespace";
import { keysOf } from "./read-by-key";

export type StoredTokenSetRow = StoredTokenSet;
/** With the version of the server's configuration, which the tokens belong to. */
export type TokensOfServer = StoredTokenSet & { server: { version: number } };

export interface TokenColumns {
  accessTokenSealed: Sealed;
  refreshTokenSealed: Sealed | null;
  tokenType: string;
  scope: string | null;
  expiresAt: Date | null;
  obtainedAt: Date;
  nextRefreshAt: Date | null;
  refreshTokenExpiresAt: Date | null;
}

export interface Owner {
  serverId: string;
  /** `shared`, or a person's (lib/contracts/connections/account.ts). */
  ownerKey: string;
}

/** The grant, which does not change with a refresh. */
type Grant = Pick<
  StoredTokenSet,
  | "grantType"
  | "clientId"
  | "tokenEndpoint"
  | "requestedScope"
  | "accountName"
  | "accountSource"
  | "consentId"
>;

/**
 * SQL, for `StoredTokenSet` or `IdentityTokens` as `t`. True for shared tokens, and for a person's while they are not
 * disabled. Each statement that takes tokens for a call or a refresh checks it.
 */
export const ownerIsActive = `NOT EXISTS (SELECT 1 FROM "User" AS owner
  WHERE owner."id" = t."userId" AND owner."disabledAt" IS NOT NULL)`;

/**
 * Whether new tokens can be obtained without a person, as in `isRefreshable` (lib/tokens/token-set.ts); false if an
 * outer join found nothing.
 * @param alias of the `StoredTokenSet`
 */
export function refreshableSql(alias: "c" | "t"): Prisma.Sql {
  return Prisma.raw(`(
    ${alias}."refreshTokenSealed" IS NOT NULL OR ${alias}."grantType" <> 'AUTHORIZATION_CODE') IS TRUE`);
}

/** For tokens that a person's sign-in was exchanged for, as in `grantedFor` (lib/contracts/servers/kinds.ts). */
export const exchangedGrants = ["ID_JAG", "TOKEN_EXCHANGE", "ON_BEHALF_OF"] satisfies GrantType[];

/** The same in SQL. @param alias of the `StoredTokenSet` */
export function isExchangedSql(alias: "c" | "t"): Prisma.Sql {
  return Prisma.sql`${Prisma.raw(alias)}."grantType"::text IN (${Prisma.join(exchangedGrants)})`;
}

const tokenSetByOwner = `
  SELECT wanted.place, t.*, s."version" AS "serverVersion"
  FROM ${keysOf.twoParts} AS wanted ("serverId", "ownerKey", place)
  JOIN "StoredTokenSet" t ON t."serverId" = wanted."serverId" AND t."ownerKey" = wanted."ownerKey"
  JOIN "McpServer" s ON s."id" = t."serverId"
  WHERE ${ownerIsActive}`;

/** Null also if the owner is disabled: nothing uses or renews their tokens. */
export async function findTokenSet(
  db: Database,
  { serverId, ownerKey }: Owner,
): Promise<TokensOfServer | null> {
  const row = await db.$byKey.find<StoredTokenSet & { serverVersion: number }>(tokenSetByOwner, [
    serverId,
    ownerKey,
  ]);
  return row && { ...row, server: { version: row.serverVersion } };
}

const freshStart = {
  rejectedAt: null,
  lastRefreshError: null,
  lastRefreshErrorAt: null,
  refreshFailures: 0,
  refreshRefusals: 0,
  failsAlone: false,
  reauthorizationRequestedAt: null,
  refreshTokenExtended: null,
  leaseId: null,
  leaseUntil: null,
} as const;

/**
 * A new consent. It raises the version, so that a refresh in flight has its own save rejected. A person's first account
 * at a server is their default.
 */
export async function saveAuthorizedTokens(
  tx: DatabaseTransaction,
  row: Owner & Grant & { userId: string | null; authorizedById: string },
  tokens: TokenColumns,
): Promise<StoredTokenSetRow> {
  const { serverId, ownerKey, userId, ...grant } = row;
  const data = { ...freshStart, ...tokens, ...grant };
  const others =
    userId === null ? 0 : await tx.storedTokenSet.count({ where: { serverId, userId } });
  return tx.storedTokenSet.upsert({
    where: { serverId_ownerKey: { serverId, ownerKey } },
    create: { serverId, ownerKey, userId, isDefault: others === 0, ...data },
    update: { ...data, lastRefreshedAt: null, version: { increment: 1 } },
  });
}

/** The MCP server refuses this very token. A newer one is not affected. */
export async function saveRejected(
  db: Database,
  { id, version }: { id: string; version: number },
  reason: string,
  now: Date,
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: { id, version },
    data: {
      rejectedAt: now,
      lastRefreshError: reason,
      lastRefreshErrorAt: now,
      version: { increment: 1 },
    },
  });
  return count > 0;
}

/** The server accepted a token that it had refused before, or a new one. */
export async function clearRejected(db: Database, { serverId, ownerKey }: Owner): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { serverId, ownerKey, rejectedAt: { not: null } },
    data: { rejectedAt: null, lastRefreshError: null, lastRefreshErrorAt: null },
  });
}

/** A person's own account at a server. */
export type PeoplesTokens = ConnectionFacts & {
  ownerName: string;
  accountName: string | null;
  createdAt: Date;
};

/** For each person, newest connection first. Nothing is unsealed. */
export function listPeoplesTokens(db: Database, serverId: string): Promise<PeoplesTokens[]> {
  return db.$queryRaw<PeoplesTokens[]>`
    SELECT t."expiresAt", ${refreshableSql("t")} AS "refreshable", t."rejectedAt",
      t."refreshFailures", t."nextRefreshAt", NULL AS "lastRefreshError", t."lastRefreshErrorAt",
      t."failsAlone", t."createdAt", t."accountName", u."name" AS "ownerName"
    FROM "StoredTokenSet" t JOIN "User" u ON u."id" = t."userId"
    WHERE t."serverId" = ${serverId}
    ORDER BY t."createdAt" DESC, t."id"`;
}

/** A call was refused because these scopes are missing: the next consent requests them too. */
export async function saveChallengedScope(
  db: Database,
  { serverId, ownerKey }: Owner,
  challengedScope: string,
): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { serverId, ownerKey },
    data: { challengedScope },
  });
}

export async function findTokenOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, Owner>> {
  const rows = await db.storedTokenSet.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, serverId: true, ownerKey: true },
  });
  return new Map(rows.map(({ id, serverId, ownerKey }) => [id, { serverId, ownerKey }]));
}

/** Non-secret facts about a server's tokens: no sealed column is read. */
const secretFree = {
  ownerKey: true,
  scope: true,
  accountSource: true,
  requestedScope: true,
  challengedScope: true,
  expiresAt: true,
  obtainedAt: true,
  rejectedAt: true,
  lastRefreshedAt: true,
  lastRefreshError: true,
  lastRefreshErrorAt: true,
  refreshFailures: true,
  refreshRefusals: true,
  failsAlone: true,
  nextRefreshAt: true,
} satisfies Prisma.StoredTokenSetSelect;

export type TokenSetFacts = Prisma.StoredTokenSetGetPayload<{ select: typeof secretFree }>;

/** Latest failures first. */
export function listTokenSetFacts(
  db: Database,
  serverId: string,
  limit: number,
): Promise<TokenSetFacts[]> {
  return db.storedTokenSet.findMany({
    where: { serverId },
    select: secretFree,
    orderBy: [{ lastRefreshErrorAt: { sort: "desc", nulls: "last" } }, { obtainedAt: "desc" }],
    take: limit,
  });
}

export function countTokenSets(db: Database, serverId: string): Promise<number> {
  return db.storedTokenSet.count({ where: { serverId } });
}
