import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "./client";
import type { StoredTokenSet } from "./generated/client";

export type StoredTokenSetRow = StoredTokenSet;
/** With the version of the server's configuration, of which the tokens are a part. */
export type TokensOfServer = StoredTokenSet & { server: { version: number } };

export interface TokenColumns {
  accessTokenSealed: Sealed;
  refreshTokenSealed: Sealed | null;
  tokenType: string;
  scope: string | null;
  expiresAt: Date | null;
  obtainedAt: Date;
  nextRefreshAt: Date | null;
}

export interface Owner {
  serverId: string;
  /** `shared` or a user id. */
  ownerKey: string;
}

/** What tokens were granted for, which no refresh changes. */
type Grant = Pick<StoredTokenSet, "clientId" | "tokenEndpoint" | "requestedScope">;

export const sharedOwnerKey = "shared";

const tokenSetByOwner = `
  SELECT wanted.place, t.*, s."version" AS "serverVersion"
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted ("serverId", "ownerKey", place)
  JOIN "StoredTokenSet" t ON t."serverId" = wanted."serverId" AND t."ownerKey" = wanted."ownerKey"
  JOIN "McpServer" s ON s."id" = t."serverId"`;

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
  leaseId: null,
  leaseUntil: null,
} as const;

/** A new consent. It raises the version, so that a refresh in flight finds its own save refused. */
export function saveAuthorizedTokens(
  tx: DatabaseTransaction,
  row: Owner & Grant & { userId: string | null; authorizedById: string },
  tokens: TokenColumns,
): Promise<StoredTokenSetRow> {
  const { serverId, ownerKey, userId, ...grant } = row;
  const data = { ...freshStart, ...tokens, ...grant };
  return tx.storedTokenSet.upsert({
    where: { serverId_ownerKey: { serverId, ownerKey } },
    create: { serverId, ownerKey, userId, ...data },
    update: { ...data, lastRefreshedAt: null, version: { increment: 1 } },
  });
}

export type SeenLease = Pick<StoredTokenSet, "leaseId" | "leaseUntil">;

/**
 * Claims the right to refresh: free, or its holder's time is over. One statement, on the
 * database's clock, so that neither replicas nor their clocks can make two holders. The claimed row
 * comes back as it is now.
 *
 * @param ofDead a lease whose holder is known to be dead: it is taken, unless it has changed
 */
export async function claimLease(
  db: Database,
  rowId: string,
  leaseId: string,
  leaseMs: number,
  ofDead: SeenLease | null = null,
): Promise<StoredTokenSetRow | null> {
  const [row] = await db.$queryRaw<StoredTokenSetRow[]>`
    UPDATE "StoredTokenSet"
    SET "leaseId" = ${leaseId}, "leaseUntil" = now() + make_interval(secs => ${leaseMs / 1000})
    WHERE "id" = ${rowId} AND (
      "leaseUntil" IS NULL OR "leaseUntil" <= now() OR (
        "leaseId" = ${ofDead?.leaseId ?? null}::text
        AND "leaseUntil" = ${ofDead?.leaseUntil ?? null}::timestamptz))
    RETURNING *`;
  return row ?? null;
}

/** Moves the end of a lease, which those who wait for it can see. False: it is another one's by now. */
export async function extendLease(
  db: Database,
  rowId: string,
  leaseId: string,
  leaseMs: number,
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE "StoredTokenSet"
    SET "leaseUntil" = now() + make_interval(secs => ${leaseMs / 1000})
    WHERE "id" = ${rowId} AND "leaseId" = ${leaseId}`;
  return count > 0;
}

export async function releaseLease(db: Database, rowId: string, leaseId: string): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { id: rowId, leaseId },
    data: { leaseId: null, leaseUntil: null },
  });
}

export interface LeasedVersion {
  id: string;
  version: number;
  leaseId: string;
}

/**
 * Compare-and-set: false when the row is gone (revoked), was authorized anew, or the lease went to
 * somebody else. What was read under the lease is then no longer what is stored.
 */
export async function saveRefreshedTokens(
  db: Database,
  at: LeasedVersion,
  tokens: TokenColumns,
  now: Date,
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: at,
    data: { ...freshStart, ...tokens, lastRefreshedAt: now, version: { increment: 1 } },
  });
  return count > 0;
}

/** The provider ended the grant: the refresh token is of no more use and is not kept. */
export async function saveGrantEnded(
  db: Database,
  at: LeasedVersion,
  reason: string,
  now: Date,
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: at,
    data: {
      refreshTokenSealed: null,
      nextRefreshAt: null,
      lastRefreshError: reason,
      lastRefreshErrorAt: now,
      refreshFailures: { increment: 1 },
      leaseId: null,
      leaseUntil: null,
      version: { increment: 1 },
    },
  });
  return count > 0;
}

/** The tokens stay as they are; the version too, as nothing about them changed. */
export async function saveRefreshDeferred(
  db: Database,
  at: LeasedVersion,
  deferral: { reason: string; nextRefreshAt: Date },
  now: Date,
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: at,
    data: {
      nextRefreshAt: deferral.nextRefreshAt,
      lastRefreshError: deferral.reason,
      lastRefreshErrorAt: now,
      refreshFailures: { increment: 1 },
      leaseId: null,
      leaseUntil: null,
    },
  });
  return count > 0;
}

/** Gives the lease back and looks again at `at`. Nothing else of the row changes. */
export async function saveNextRefresh(
  db: Database,
  { id, version, leaseId }: LeasedVersion,
  at: Date,
): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { id, version, leaseId },
    data: { nextRefreshAt: at, leaseId: null, leaseUntil: null },
  });
}

/** The MCP server refuses this very token. A newer one is not touched. */
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

/** The server took a token that it had refused before, or that another one replaced. */
export async function clearRejected(db: Database, { serverId, ownerKey }: Owner): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { serverId, ownerKey, rejectedAt: { not: null } },
    data: { rejectedAt: null, lastRefreshError: null, lastRefreshErrorAt: null },
  });
}

/** Ends what is stored and every flow under way, and hands back what was stored, for RFC 7009. */
export function takeTokenSets(
  db: Database,
  which: { serverId: string; ownerKey?: string },
): Promise<StoredTokenSetRow[]> {
  return db.$transaction(async (tx) => {
    await tx.authorizationRequest.deleteMany({ where: which });
    return tx.$queryRaw<StoredTokenSetRow[]>`
      DELETE FROM "StoredTokenSet"
      WHERE "serverId" = ${which.serverId}
        AND (${which.ownerKey ?? null}::text IS NULL OR "ownerKey" = ${which.ownerKey ?? null}::text)
      RETURNING *`;
  });
}

/**
 * Claims up to `limit` rows that are due, the most urgent first. Rows that another sweep is just
 * claiming are skipped rather than waited for.
 */
export function claimDueForRefresh(
  db: Database,
  dueBefore: Date,
  limit: number,
  leaseId: string,
  leaseMs: number,
): Promise<StoredTokenSetRow[]> {
  return db.$queryRaw<StoredTokenSetRow[]>`
    UPDATE "StoredTokenSet"
    SET "leaseId" = ${leaseId}, "leaseUntil" = now() + make_interval(secs => ${leaseMs / 1000})
    WHERE "id" IN (
      SELECT "id" FROM "StoredTokenSet"
      WHERE "nextRefreshAt" <= ${dueBefore} AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
      ORDER BY "nextRefreshAt", "id"
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED)
    RETURNING *`;
}

export function countDueForRefresh(db: Database, dueBefore: Date): Promise<number> {
  return db.storedTokenSet.count({ where: { nextRefreshAt: { lte: dueBefore } } });
}
