import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client";
import { KeyReader } from "./key-reader";

/** Prisma, and beside it what runs at every call, where Prisma's way costs several times the statement. */
export type Database = PrismaClient & { readonly $byKey: KeyReader };
/** Inside `db.$transaction(async (tx) => …)`. */
export type DatabaseTransaction = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];

/** @param options.connections at most this many to Postgres, for this process */
export function createDatabase(url: string, options: { connections: number }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
  });
  // An idle connection that breaks is replaced; unheard, its error would end the process.
  pool.on("error", () => {});
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  return Object.assign(new PrismaClient({ adapter }), { $byKey: new KeyReader(pool) });
}
