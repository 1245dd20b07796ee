import { createHash } from "node:crypto";
import type pg from "pg";

/**
 * Postgres' words for a prepared statement that is not there, is there already, or gives other columns
 * since a migration. A pooler that hands each transaction to any connection brings about the first two.
 */
const UNPREPARED: ReadonlySet<unknown> = new Set(["26000", "42P05", "0A000"]);

/**
 * Runs statements that are planned once a connection, where that works: planning takes several times
 * what running does. For what finds its rows by a key: a plan that serves all values is a bad one for
 * a range.
 */
export class PreparedStatements {
  readonly #pool: pg.Pool;
  /** Of each statement, its name: the same in every process, and never another statement's. */
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
