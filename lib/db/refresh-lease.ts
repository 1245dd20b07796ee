import type { Database } from "./client";
import type { StoredTokenSet } from "./generated/client";
import type { PreparedStatements } from "./read-by-key";
import type { StoredTokenSetRow, TokenColumns } from "./stored-token-set";

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
  const { rows } = await db.$statement<StoredTokenSetRow>(
    `UPDATE "StoredTokenSet"
     SET "leaseId" = $2, "leaseUntil" = now() + make_interval(secs => $3)
     WHERE "id" = $1 AND (
       "leaseUntil" IS NULL OR "leaseUntil" <= now() OR (
         "leaseId" = $4::text AND "leaseUntil" = $5::timestamptz))
     RETURNING *`,
    [rowId, leaseId, leaseMs / 1000, ofDead?.leaseId ?? null, ofDead?.leaseUntil ?? null],
  );
  return rows[0] ?? null;
}

/** Moves the end of a lease, which those who wait for it can see. False: it is another one's by now. */
export async function extendLease(
  db: Database,
  rowId: string,
  leaseId: string,
  leaseMs: number,
): Promise<boolean> {
  const { count } = await db.$statement(
    `UPDATE "StoredTokenSet" SET "leaseUntil" = now() + make_interval(secs => $3)
     WHERE "id" = $1 AND "leaseId" = $2`,
    [rowId, leaseId, leaseMs / 1000],
  );
  return count > 0;
}

export async function releaseLease(db: Database, rowId: string, leaseId: string): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { id: rowId, leaseId },
    data: { leaseId: null, leaseUntil: null },
  });
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
       SELECT "id" FROM "StoredTokenSet"
       WHERE "nextRefreshAt" <= $1 AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
       ORDER BY "nextRefreshAt", "id"
       LIMIT $2
       FOR UPDATE SKIP LOCKED)
     RETURNING *`,
    [dueBefore, limit, leaseId, leaseMs / 1000],
  );
  return rows;
}

export function countDueForRefresh(db: Database, dueBefore: Date): Promise<number> {
  return db.storedTokenSet.count({ where: { nextRefreshAt: { lte: dueBefore } } });
}

export interface LeasedVersion {
  id: string;
  version: number;
  leaseId: string;
}

interface Save {
  at: LeasedVersion;
  tokens: TokenColumns;
  now: Date;
  resolve(kept: boolean): void;
  reject(error: unknown): void;
}

/** Of statements with many rows. What comes meanwhile waits for it, and goes as one. */
const mostUnderWay = 1;
/** In ms. A statement that takes longer, on a connection that is dead perhaps, keeps nobody waiting. */
const longestWaitMs = 20;
const mostAtOnce = 100;

/** All rows as one JSON text: made by the engine itself, where arrays of a driver are made by hand. */
const wanted = `json_to_recordset($1::json) AS w ("id" text, "version" int, "leaseId" text,
  "accessTokenSealed" text, "refreshTokenSealed" text, "tokenType" text, "scope" text,
  "expiresAt" timestamptz, "obtainedAt" timestamptz, "nextRefreshAt" timestamptz, "now" timestamptz)`;
const set = `
  SET "accessTokenSealed" = w."accessTokenSealed", "refreshTokenSealed" = w."refreshTokenSealed",
    "tokenType" = w."tokenType", "scope" = w."scope", "expiresAt" = w."expiresAt",
    "obtainedAt" = w."obtainedAt", "nextRefreshAt" = w."nextRefreshAt",
    "lastRefreshedAt" = w."now", "updatedAt" = w."now",
    "rejectedAt" = NULL, "lastRefreshError" = NULL, "lastRefreshErrorAt" = NULL,
    "refreshFailures" = 0, "leaseId" = NULL, "leaseUntil" = NULL, "version" = s."version" + 1`;
const asRead = `s."id" = w."id" AND s."version" = w."version" AND s."leaseId" = w."leaseId"`;

const saveOne = `
  UPDATE "StoredTokenSet" s ${set} FROM ${wanted} WHERE ${asRead} RETURNING s."id"`;
/** It waits for no row: two statements that lock many can wait for each other. */
const saveFree = `
  WITH w AS (SELECT * FROM ${wanted}), free AS (
    SELECT s."id" FROM "StoredTokenSet" s JOIN w ON ${asRead} FOR UPDATE OF s SKIP LOCKED)
  UPDATE "StoredTokenSet" s ${set} FROM w JOIN free ON free."id" = w."id"
  WHERE ${asRead} RETURNING s."id"`;

/**
 * Saves what providers answered: at once where little is going on, and where much is, as a sweep
 * brings it about, many rows by one statement, which is a fraction of the cost for both ends.
 */
export class RefreshedTokensWriter {
  readonly #statements: PreparedStatements;
  readonly #waiting: Save[] = [];
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
  }

  /**
   * Compare-and-set: false when the row is gone (revoked), was authorized anew, or the lease went to
   * somebody else. What was read under the lease is then no longer what is stored.
   */
  save(at: LeasedVersion, tokens: TokenColumns, now: Date): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ at, tokens, now, resolve, reject });
      if (this.#underWay < mostUnderWay || this.#waiting.length >= mostAtOnce) this.#begin();
      else this.#timer ??= setTimeout(() => this.#begin(), longestWaitMs);
    });
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const saves = this.#waiting.splice(0);
    if (saves.length === 0) return;
    this.#underWay += 1;
    void this.#saveAll(saves).finally(() => {
      this.#underWay -= 1;
      this.#begin();
    });
  }

  async #saveAll(saves: readonly Save[]): Promise<void> {
    const kept = saves.length > 1 ? await this.#saveFree(saves) : null;
    for (const { at, resolve } of saves) if (kept?.has(at.id)) resolve(true);
    // Each by itself says how it is with its row, and waits for whoever has it locked.
    const left = saves.filter(({ at }) => !kept?.has(at.id));
    await Promise.all(left.map((one) => this.#saveOne(one).then(one.resolve, one.reject)));
  }

  /** The ids of the rows that were saved; null: nothing is known. */
  async #saveFree(saves: readonly Save[]): Promise<ReadonlySet<string> | null> {
    try {
      const rows = await this.#statements.run<{ id: string }>(saveFree, valuesOf(saves));
      return new Set(rows.map(({ id }) => id));
    } catch {
      // One value that the database refuses must not keep the others from being saved.
      return null;
    }
  }

  async #saveOne(save: Save): Promise<boolean> {
    const rows = await this.#statements.run<{ id: string }>(saveOne, valuesOf([save]));
    return rows.length > 0;
  }
}

function valuesOf(saves: readonly Save[]): [string] {
  return [JSON.stringify(saves.map(({ at, tokens, now }) => ({ ...at, ...tokens, now })))];
}
