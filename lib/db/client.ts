import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client";
import { KeyReader, PreparedStatements } from "./read-by-key";

/**
 * Prisma, and beside it what runs at every call or refresh, where Prisma's way costs several times the
 * statement.
 */
export type Database = PrismaClient & {
  readonly $byKey: KeyReader;
  readonly $prepared: PreparedStatements;
  readonly $statement: RunStatement;
};
/** Sends one statement as it is, planned each time (see `PreparedStatements`). `count`: the rows that it touched. */
type RunStatement = <Row extends object>(
  text: string,
  values: readonly unknown[],
) => Promise<{ rows: Row[]; count: number }>;
/** Inside `db.$transaction(async (tx) => …)`. */
export type DatabaseTransaction = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/**
 * In ms. Prisma's own 2 and 5 seconds are over before a queue of saves is, on a small machine or on the
 * embedded database. Longer than a connection is waited for.
 */
const transactionOptions = { maxWait: 12_000, timeout: 20_000 };

/** @param options.connections at most this many to Postgres, for this process */
export function createDatabase(url: string, options: { connections: number }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
  });
  // A broken idle connection is replaced; without a listener its error would end the process.
  pool.on("error", () => {});
  const $statement: RunStatement = async <Row extends object>(
    text: string,
    values: readonly unknown[],
  ) => {
    const { rows, rowCount } = await pool.query<Row>(text, [...values]);
    return { rows, count: rowCount ?? 0 };
  };
  const prepared = new PreparedStatements(pool);
  const beside = {
    $byKey: new KeyReader(prepared),
    $prepared: prepared,
    $statement,
  };
  return whenAsked(
    () => new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions }),
    beside,
    () => pool.end(),
  );
}

/**
 * Prisma loads its compiler of queries as it is made, which is a tenth of what a process takes for its
 * start and which the first answers do not need.
 */
function whenAsked<Beside extends object>(
  make: () => PrismaClient,
  beside: Beside,
  end: () => Promise<void>,
): PrismaClient & Beside {
  let made: PrismaClient | null = null;
  let ended: Promise<void> | null = null;
  const $disconnect = () => {
    ended ??= Promise.resolve(made?.$disconnect()).then(end);
    return ended;
  };
  return new Proxy({ ...beside, $disconnect } as unknown as PrismaClient & Beside, {
    get(own, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      // `await` looks for `then` on any object; the Prisma client is no promise.
      if (name === "then") return undefined;
      made ??= make();
      const value: unknown = Reflect.get(made, name);
      return typeof value === "function" ? value.bind(made) : value;
    },
  });
}

/** A unique constraint failed. Matched by Prisma's code: a bundle may have another copy of its classes. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "P2002";
}

/**
 * What jsonb takes: it refuses NUL and half of a surrogate pair, which a server may send anywhere and a
 * stream may be cut at.
 * @see https://www.postgresql.org/docs/current/datatype-json.html
 */
export function storableJson<T>(value: T): T {
  return storable(value) as T;
}

function storable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\0|\p{Surrogate}/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(storable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]),
  );
}
