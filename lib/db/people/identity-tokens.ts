import { randomUUID } from "node:crypto";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "../client";
import type { IdentityTokens } from "../generated/client";
import type { LeasedVersion } from "../refresh/refreshed-tokens";
import { ownerIsActive } from "../stored-token-set";

export type IdentityTokensRow = IdentityTokens;

export interface IdentityTokenColumns {
  idTokenSealed: Sealed;
  accessTokenSealed: Sealed | null;
  refreshTokenSealed: Sealed | null;
  idTokenExpiresAt: Date;
  idTokenObtainedAt: Date;
  accessTokenExpiresAt: Date | null;
  obtainedAt: Date;
}

/** Null also if the person is disabled: nothing uses or renews their tokens. */
export async function findIdentityTokens(
  db: Database,
  userId: string,
): Promise<IdentityTokensRow | null> {
  const { rows } = await db.$statement<IdentityTokensRow>(
    `SELECT t.* FROM "IdentityTokens" t WHERE t."userId" = $1 AND ${ownerIsActive}`,
    [userId],
  );
  return rows[0] ?? null;
}

/** The owner of each row. */
export async function findIdentityTokenOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.identityTokens.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, userId: true },
  });
  return new Map(rows.map(({ id, userId }) => [id, userId]));
}

/**
 * Replaces what an earlier sign-in left. Stores nothing if the session has ended in the meantime: ending it deletes
 * the session first, so that it waits here for its lock and then finds these tokens.
 */
export async function storeIdentityTokens(
  db: Database,
  session: { userId: string; sessionId: string },
  identity: Pick<IdentityTokensRow, "issuer" | "subject" | "clientId"> & IdentityTokenColumns,
): Promise<void> {
  const { issuer, subject, clientId } = identity;
  await db.$transaction(async (tx) => {
    const open = await tx.$queryRaw<object[]>`
      SELECT 1 FROM "Session" s
      JOIN "User" u ON u."id" = s."userId" AND u."sessionVersion" = s."sessionVersion"
      WHERE s."id" = ${session.sessionId} AND s."userId" = ${session.userId}
        AND u."disabledAt" IS NULL
      FOR SHARE OF s`;
    if (open.length === 0) return;
    const { userId } = session;
    // With a new id: a refresh of the earlier row saves nothing.
    const data = {
      ...{ id: randomUUID(), userId, issuer, subject, clientId },
      ...columnsOf(identity),
      ...{ signedInAt: identity.obtainedAt, ...neverFailed, ...leaseEnded },
    };
    await tx.identityTokens.upsert({ where: { userId }, create: data, update: data });
  });
}

function columnsOf(tokens: IdentityTokenColumns): IdentityTokenColumns {
  const { idTokenSealed, accessTokenSealed, refreshTokenSealed } = tokens;
  const { idTokenExpiresAt, idTokenObtainedAt, accessTokenExpiresAt, obtainedAt } = tokens;
  return {
    ...{ idTokenSealed, accessTokenSealed, refreshTokenSealed },
    ...{ idTokenExpiresAt, idTokenObtainedAt, accessTokenExpiresAt, obtainedAt },
  };
}

const leaseEnded = { leaseId: null, leaseUntil: null };
const neverFailed = {
  ...{ refreshFailures: 0, refreshRefusals: 0, nextTryAt: null },
  ...{ lastRefreshError: null, lastRefreshErrorAt: null },
};

/**
 * Compare-and-set: false if the row is gone, or another process has the lease.
 * @param nextTryAt the ID token could not be checked; the refresh is repeated once, not before then
 */
export async function saveRenewedIdentity(
  db: Database,
  { id, version, leaseId }: LeasedVersion,
  tokens: IdentityTokenColumns,
  nextTryAt: Date | null = null,
): Promise<boolean> {
  const { count } = await db.identityTokens.updateMany({
    where: { id, version, leaseId },
    data: {
      ...columnsOf(tokens),
      version: { increment: 1 },
      ...{ ...neverFailed, ...leaseEnded, nextTryAt },
    },
  });
  return count > 0;
}

/** @param refused the provider refused it without a reason */
export async function saveIdentityDeferred(
  db: Database,
  { id, version, leaseId }: LeasedVersion,
  { reason, nextTryAt, refused }: { reason: string; nextTryAt: Date; refused: boolean },
  now: Date,
): Promise<boolean> {
  const { count } = await db.identityTokens.updateMany({
    where: { id, version, leaseId },
    data: {
      ...{ nextTryAt, lastRefreshError: reason, lastRefreshErrorAt: now },
      refreshFailures: { increment: 1 },
      ...(refused ? { refreshRefusals: { increment: 1 } } : {}),
      ...leaseEnded,
    },
  });
  return count > 0;
}

/** Useless tokens. False: they have since been replaced. */
export async function deleteEndedIdentity(
  db: Database,
  { id, version, leaseId }: LeasedVersion,
): Promise<boolean> {
  const { count } = await db.identityTokens.deleteMany({ where: { id, version, leaseId } });
  return count > 0;
}

export async function deleteIdentityTokens(
  db: Database | DatabaseTransaction,
  userId: string,
): Promise<void> {
  await db.identityTokens.deleteMany({ where: { userId } });
}

/** Everyone's. Queried at startup, before Prisma is warm. */
export async function deleteAllIdentityTokens(db: Database): Promise<void> {
  await db.$statement(`DELETE FROM "IdentityTokens"`, []);
}

/** If this person is no longer signed in anywhere. @param seenAfter sessions idle for longer have ended */
export async function deleteTokensOfSignedOut(
  db: Database,
  userId: string,
  { now, seenAfter }: { now: Date; seenAfter: Date },
): Promise<void> {
  await db.$executeRaw`
    DELETE FROM "IdentityTokens" WHERE "userId" = ${userId} AND NOT EXISTS (
      SELECT 1 FROM "Session" s
      JOIN "User" u ON u."id" = s."userId" AND u."sessionVersion" = s."sessionVersion"
      WHERE s."userId" = ${userId} AND s."expiresAt" > ${now} AND s."lastSeenAt" > ${seenAfter})`;
}
