import type { Database } from "../client";
import type { IdentityTokens, StoredTokenSet } from "../generated/client";
import { ownerIsActive, type StoredTokenSetRow } from "../stored-token-set";
import type { LeasedVersion } from "./refreshed-tokens";

export type SeenLease = Pick<StoredTokenSet, "leaseId" | "leaseUntil">;

/** Tables whose tokens one process at a time refreshes. The names are our own constants, never input. */
interface LeasedRows {
  StoredTokenSet: StoredTokenSetRow;
  IdentityTokens: IdentityTokens;
}
export interface LeasedRow<Table extends keyof LeasedRows = keyof LeasedRows> {
  table: Table;
  id: string;
}

/**
 * Claims the right to refresh: it is free, or its holder's time is over. One statement, on the
 * database's clock, so that neither replicas nor their clocks can produce two holders. The claimed row
 * is returned in its current state.
 *
 * @param ofDead a lease whose holder is known to be dead: it is taken, unless it has changed
 */
export async function claimLease<Table extends keyof LeasedRows>(
  db: Database,
  { table, id }: LeasedRow<Table>,
  leaseId: string,
  leaseMs: number,
  ofDead: SeenLease | null = null,
): Promise<LeasedRows[Table] | null> {
  const { rows } = await db.$statement<LeasedRows[Table]>(
    `UPDATE "${table}" t
     SET "leaseId" = $2, "leaseUntil" = now() + make_interval(secs => $3)
     WHERE "id" = $1 AND ${ownerIsActive} AND (
       "leaseUntil" IS NULL OR "leaseUntil" <= now() OR (
         "leaseId" = $4::text AND "leaseUntil" = $5::timestamptz))
     RETURNING *`,
    [id, leaseId, leaseMs / 1000, ofDead?.leaseId ?? null, ofDead?.leaseUntil ?? null],
  );
  return rows[0] ?? null;
}

/**
 * Extends a lease, which those who wait for it can see. False: another process has it, or the owner was
 * disabled, and a holder that has not sent anything yet must not.
 */
export async function extendLease(
  db: Database,
  { table, id }: LeasedRow,
  leaseId: string,
  leaseMs: number,
): Promise<boolean> {
  const { count } = await db.$statement(
    `UPDATE "${table}" t SET "leaseUntil" = now() + make_interval(secs => $3)
     WHERE "id" = $1 AND "leaseId" = $2 AND ${ownerIsActive}`,
    [id, leaseId, leaseMs / 1000],
  );
  return count > 0;
}

export async function releaseLease(
  db: Database,
  { table, id }: LeasedRow,
  leaseId: string,
): Promise<void> {
  await db.$statement(
    `UPDATE "${table}" SET "leaseId" = NULL, "leaseUntil" = NULL WHERE "id" = $1 AND "leaseId" = $2`,
    [id, leaseId],
  );
}

/** The provider ended the grant: the refresh token is useless and is not kept. */
export function saveGrantEnded(
  db: Database,
  at: LeasedVersion,
  reason: string,
  now: Date,
): Promise<boolean> {
  return saveEnd(db, at, { refreshTokenSealed: null, lastRefreshError: reason }, now);
}

/**
 * The identity provider, or the server, no longer admits this person. The access token has thereby ended, and a call
 * asks again after a while: the person may be admitted again.
 */
export function saveExchangeRefused(
  db: Database,
  at: LeasedVersion,
  reason: string,
  now: Date,
): Promise<boolean> {
  return saveEnd(db, at, { rejectedAt: now, expiresAt: now, lastRefreshError: reason }, now);
}

async function saveEnd(
  db: Database,
  at: LeasedVersion,
  end: Partial<StoredTokenSet>,
  now: Date,
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: at,
    data: {
      ...end,
      nextRefreshAt: null,
      lastRefreshErrorAt: now,
      refreshFailures: { increment: 1 },
      failsAlone: false,
      leaseId: null,
      leaseUntil: null,
      version: { increment: 1 },
    },
  });
  return count > 0;
}

/** The tokens stay unchanged; so does the version, as nothing about them changed. */
export async function saveRefreshDeferred(
  db: Database,
  at: LeasedVersion,
  deferral: {
    reason: string;
    nextRefreshAt: Date;
    /** The provider refused it without a reason. */
    refused: boolean;
    failsAlone: boolean;
  },
  now: Date,
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: at,
    data: {
      nextRefreshAt: deferral.nextRefreshAt,
      lastRefreshError: deferral.reason,
      lastRefreshErrorAt: now,
      refreshFailures: { increment: 1 },
      ...(deferral.refused ? { refreshRefusals: { increment: 1 } } : {}),
      failsAlone: deferral.failsAlone,
      leaseId: null,
      leaseUntil: null,
    },
  });
  return count > 0;
}

/**
 * Returns the lease: the provider was not asked, which does not count as a failure of this account.
 * @param reason for people to read; null: not worth mentioning
 */
export async function saveRefreshPutOff(
  db: Database,
  { id, version, leaseId }: LeasedVersion,
  { until, reason }: { until: Date; reason: string | null },
  now: Date,
): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { id, version, leaseId },
    data: {
      nextRefreshAt: until,
      ...(reason === null ? {} : { lastRefreshError: reason, lastRefreshErrorAt: now }),
      leaseId: null,
      leaseUntil: null,
    },
  });
}

/**
 * Claims up to `limit` rows that are due, most urgent first. Rows being claimed by another sweep
 * are skipped rather than waited for.
 */
export async function claimDueForRefresh(
  db: Database,
  dueBefore: Date,
  limit: number,
  leaseId: string,
  leaseMs: number,
): Promise<StoredTokenSetRow[]> {
  const { rows } = await db.$statement<StoredTokenSetRow>(
    `UPDATE "StoredTokenSet"
     SET "leaseId" = $3, "leaseUntil" = now() + make_interval(secs => $4)
     WHERE "id" IN (
       SELECT "id" FROM "StoredTokenSet" t
       WHERE "nextRefreshAt" <= $1 AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
         AND ${ownerIsActive}
       ORDER BY "nextRefreshAt", "id"
       LIMIT $2
       FOR UPDATE SKIP LOCKED)
     RETURNING *`,
    [dueBefore, limit, leaseId, leaseMs / 1000],
  );
  return rows;
}

export function countDueForRefresh(db: Database, dueBefore: Date): Promise<number> {
  return db.storedTokenSet.count({
    where: {
      nextRefreshAt: { lte: dueBefore },
      OR: [{ userId: null }, { user: { disabledAt: null } }],
    },
  });
}
