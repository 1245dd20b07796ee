import type { Database } from "../client";
import type { PreparedStatements } from "../read-by-key";
import type { TokenColumns } from "../stored-token-set";

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

/** Statements with many rows at a time. Saves that arrive in the meantime wait for it, and go together. */
const mostUnderWay = 1;
/** In ms. A statement that takes longer, perhaps on a dead connection, holds up no one. */
const longestWaitMs = 20;
const mostAtOnce = 100;

/** All rows as one JSON text: built natively by the engine, where the driver builds arrays in JavaScript. */
const wanted = `json_to_recordset($1::json) AS w ("id" text, "version" int, "leaseId" text,
  "accessTokenSealed" text, "refreshTokenSealed" text, "tokenType" text, "scope" text,
  "expiresAt" timestamptz, "obtainedAt" timestamptz, "nextRefreshAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz, "now" timestamptz)`;
const set = `
  SET "accessTokenSealed" = w."accessTokenSealed", "refreshTokenSealed" = w."refreshTokenSealed",
    "tokenType" = w."tokenType", "scope" = w."scope", "expiresAt" = w."expiresAt",
    "obtainedAt" = w."obtainedAt", "nextRefreshAt" = w."nextRefreshAt",
    "refreshTokenExpiresAt" = w."refreshTokenExpiresAt",
    "refreshTokenExtended" = w."refreshTokenExpiresAt" > s."refreshTokenExpiresAt" + interval '10 seconds',
    "lastRefreshedAt" = w."now", "updatedAt" = w."now",
    "rejectedAt" = NULL, "lastRefreshError" = NULL, "lastRefreshErrorAt" = NULL,
    "refreshFailures" = 0, "refreshRefusals" = 0, "failsAlone" = false, "leaseId" = NULL, "leaseUntil" = NULL, "version" = s."version" + 1`;
const asRead = `s."id" = w."id" AND s."version" = w."version" AND s."leaseId" = w."leaseId"`;

const saveOne = `
  UPDATE "StoredTokenSet" s ${set} FROM ${wanted} WHERE ${asRead} RETURNING s."id"`;
/** It waits for no row: two statements that lock many can deadlock. */
const saveFree = `
  WITH w AS (SELECT * FROM ${wanted}), free AS (
    SELECT s."id" FROM "StoredTokenSet" s JOIN w ON ${asRead} FOR UPDATE OF s SKIP LOCKED)
  UPDATE "StoredTokenSet" s ${set} FROM w JOIN free ON free."id" = w."id"
  WHERE ${asRead} RETURNING s."id"`;

/** One for each pool. */
const writers = new WeakMap<PreparedStatements, RefreshedTokensWriter>();

/**
 * Compare-and-set: false if the row is gone (revoked), was authorized again, or another process has the
 * lease. What was read under the lease is then no longer what is stored.
 */
export function saveRefreshedTokens(
  db: Database,
  at: LeasedVersion,
  tokens: TokenColumns,
  now: Date,
): Promise<boolean> {
  const writer = writers.get(db.$prepared) ?? new RefreshedTokensWriter(db.$prepared);
  writers.set(db.$prepared, writer);
  return writer.save(at, tokens, now);
}

/**
 * Saves providers' answers: immediately under little load, and under much load, such as a sweep
 * causes, many rows with one statement, at a fraction of the cost for both ends.
 */
class RefreshedTokensWriter {
  readonly #statements: PreparedStatements;
  readonly #waiting: Save[] = [];
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
  }

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
    // Separately, each one finds out about its row, and waits for whoever has it locked.
    const left = saves.filter(({ at }) => !kept?.has(at.id));
    await Promise.all(left.map((one) => this.#saveOne(one).then(one.resolve, one.reject)));
  }

  /** The ids of the saved rows; null: unknown. */
  async #saveFree(saves: readonly Save[]): Promise<ReadonlySet<string> | null> {
    try {
      const rows = await this.#statements.run<{ id: string }>(saveFree, valuesOf(saves));
      return new Set(rows.map(({ id }) => id));
    } catch {
      // One value that the database rejects must not keep the others from being saved.
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
