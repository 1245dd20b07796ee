import { createHash } from "node:crypto";
import type pg from "pg";

/** A statement takes a list for each part of its key; beyond this many at once nothing is gained. */
const mostAtOnce = 100;

/**
 * SQL, for a statement of `KeyReader`: its keys, by how many parts they have. Planned without the subselects, a
 * statement with one key would seem cheaper than for any number of them, so that Postgres would plan it again at each
 * call, which takes several times as long as running it.
 */
export const keysOf = {
  onePart: "unnest((SELECT $1::text[])) WITH ORDINALITY",
  twoParts: "unnest((SELECT $1::text[]), (SELECT $2::text[])) WITH ORDINALITY",
  threeParts:
    "unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[])) WITH ORDINALITY",
} as const;

interface Asked {
  key: readonly string[];
  resolve(row: object | null): void;
  reject(error: unknown): void;
}

/**
 * Reads rows by key: all that are requested in one turn of the event loop, with one statement. So what
 * is read at every call, for anyone, costs a busy process part of a round trip to Postgres
 * instead of a whole one, and no row is older than the request for it.
 */
export class KeyReader {
  readonly #statements: PreparedStatements;
  readonly #waiting = new Map<string, Asked[]>();

  constructor(statements: PreparedStatements) {
    this.#statements = statements;
  }

  /**
   * @param statement selects from `keysOf`, and returns each row with `place`, the position of its key. It stays
   *   prepared on each connection, so its text is a constant.
   */
  find<Row extends object>(statement: string, key: readonly string[]): Promise<Row | null> {
    return new Promise<object | null>((resolve, reject) => {
      const asked = { key, resolve, reject };
      const waiting = this.#waiting.get(statement);
      if (waiting) {
        waiting.push(asked);
        return;
      }
      this.#waiting.set(statement, [asked]);
      setImmediate(() => this.#read(statement));
    }) as Promise<Row | null>;
  }

  #read(statement: string): void {
    const asked = this.#waiting.get(statement) ?? [];
    this.#waiting.delete(statement);
    for (let from = 0; from < asked.length; from += mostAtOnce) {
      void this.#readTogether(statement, asked.slice(from, from + mostAtOnce));
    }
  }

  async #readTogether(statement: string, asked: readonly Asked[]): Promise<void> {
    const groups = [...byKey(asked).values()];
    const parts = asked[0]?.key.map((_, part) => groups.map(([first]) => first?.key[part]));
    try {
      const rows = await this.#statements.run<{ place: string }>(statement, parts);
      const found = new Map(rows.map((row) => [Number(row.place) - 1, row]));
      for (const [place, group] of groups.entries()) {
        for (const { resolve } of group) resolve(found.get(place) ?? null);
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

function byKey(asked: readonly Asked[]): Map<string, Asked[]> {
  const groups = new Map<string, Asked[]>();
  for (const one of asked) {
    const id = JSON.stringify(one.key);
    const group = groups.get(id);
    if (group) group.push(one);
    else groups.set(id, [one]);
  }
  return groups;
}

/**
 * Postgres' errors for a prepared statement that does not exist, already exists, or returns different columns
 * since a migration. A pooler that gives each transaction any connection causes the first two.
 */
const UNPREPARED: ReadonlySet<unknown> = new Set(["26000", "42P05", "0A000"]);

/**
 * Runs statements that are planned once per connection, where possible: planning takes several times
 * as long as running. For lookups by a key only: a plan that serves all values is a bad one for
 * a range.
 */
export class PreparedStatements {
  readonly #pool: pg.Pool;
  /** Each statement's name: the same in every process, and never another statement's. */
  readonly #names = new Map<string, string>();
  #prepares = true;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @param text stays prepared on each connection, so it is a constant */
  async run<Row extends object>(text: string, values: unknown[] | undefined): Promise<Row[]> {
    if (this.#prepares) {
      try {
        const name = this.#nameOf(text);
        return (await this.#pool.query<Row>({ name, text, values })).rows;
      } catch (error) {
        if (!UNPREPARED.has((error as { code?: unknown }).code)) throw error;
        this.#prepares = false;
      }
    }
    return (await this.#pool.query<Row>(text, values)).rows;
  }

  #nameOf(statement: string): string {
    const name =
      this.#names.get(statement) ??
      `usher_${createHash("sha256").update(statement).digest("hex").slice(0, 32)}`;
    this.#names.set(statement, name);
    return name;
  }
}

/** The columns of a joined table, for a SELECT, under names that do not collide with the others. */
export function joinedColumns(alias: string, fields: readonly string[]): string {
  return fields.map((field) => `${alias}."${field}" AS "${alias}.${field}"`).join(", ");
}

/** The row of a joined table; null if an outer join found none. */
export function joinedRow<Row>(
  row: Readonly<Record<string, unknown>>,
  alias: string,
  fields: readonly string[],
): Row | null {
  if (row[`${alias}.id`] === null) return null;
  return Object.fromEntries(fields.map((field) => [field, row[`${alias}.${field}`]])) as Row;
}
