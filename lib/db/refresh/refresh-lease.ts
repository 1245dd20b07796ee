import type { Database } from "../client";
import type { IdentityTokens, StoredTokenSet } from "../generated/client";
import { ownerIsActive, type StoredTokenSetRow } from "../stored-token-set";
import type { LeasedVersion } from "./refreshed-tokens";

export type SeenLease = Pick<StoredTokenSet, "leaseId" | "leaseUntil">;

/** Tables whose tokens one process at a time refreshes. The names are constants of ours, never somebody's input. */
interface LeasedRows {
  StoredTokenSet: StoredTokenSetRow;
  IdentityTokens: IdentityTokens;
}
export interface LeasedRow<Table extends keyof LeasedRows = keyof LeasedRows> {
  table: Table;
  id: string;
}

/**
 * Claims the right to refresh: free, or its holder's time is over. One statement, on the
 * database's clock, so that neither replicas nor their clocks can make two holders. The claimed row
 * comes back as it is now.
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
 * Moves the end of a lease, which those who wait for it can see. False: it is another one's by now, or the owner was
 * disabled, and whoever has not sent anything yet must not.
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

/** The provider ended the grant: the refresh token is of no more use and is not kept. */
export function saveGrantEnded(
  db: Database,
  at: LeasedVersion,
  reason: string,
  now: Date,
): Promise<boolean> {
  return saveEnd(db, at, { refreshTokenSealed: null, lastRefreshError: reason }, now);
}

/**
 * The identity provider, or the server, lets this person in no more. The access token has ended with that, and a call
 * asks again in a while: the person may be let in again.
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

/** The tokens stay as they are; the version too, as nothing about them changed. */
export async function saveRefreshDeferred(
  db: Database,
  at: LeasedVersion,
  deferral: {
    reason: string;
    nextRefreshAt: Date;
    /** The provider refused it, and did not say why. */
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
 * Gives the lease back: the provider was not asked, which is no failure of this account.
 * @param reason for people to read; null: not worth a word
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
 * Claims up to `limit` rows that are due, the most urgent first. Rows that another sweep is just
 * claiming are skipped rather than waited for.
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
