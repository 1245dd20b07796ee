import pg from "pg";
import { breakOff, isFromPostgres } from "@/lib/db/outage";

/**
 * `direct`: Postgres itself answers. `session`, `transaction`, `statement`: a pooler does, in that mode.
 * `full`: a new connection gets no answer, so a pooler has no session left for it.
 */
export type Pooling = "direct" | "session" | "transaction" | "statement" | "full";

const connectMs = 4_000;
const statementMs = 4_000;
/** Another client may take the session that was just returned. */
const tries = 6;

/**
 * Postgres names its process when a connection starts, and again on request. A pooler names one of its
 * own at the start. Whether another connection can get the first one's session shows the mode.
 *
 * @throws what pg throws
 */
export async function inspectPooling(databaseUrl: string): Promise<Pooling> {
  const [first, second] = [newClient(databaseUrl), newClient(databaseUrl)];
  try {
    await first.connect();
    if ((await sessionOf(first)) === (first as unknown as { processID: number }).processID) {
      return "direct";
    }
    await second.connect();
    for (let n = 0; n < tries; n++) {
      const left = await sessionOf(first);
      await second.query("BEGIN");
      const taken = await sessionOf(second);
      const instead = await sessionOf(first);
      await second.query("ROLLBACK");
      if (taken === left || instead !== left) return "transaction";
    }
    return "session";
  } catch (error) {
    // PgBouncer: "transaction blocks not allowed in statement pooling mode".
    if (isFromPostgres(error) && /statement pooling/i.test(error.message)) return "statement";
    if (!isFromPostgres(error) && /timeout/i.test((error as Error).message)) return "full";
    throw error;
  } finally {
    // A graceful close would wait for an answer.
    for (const client of [first, second]) breakOff(client);
  }
}

/** Outside the pool, and abandoned within seconds. It is not closed gracefully: end it with `breakOff`. */
export function newClient(connectionString: string): pg.Client {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs,
  });
  client.on("error", () => {});
  return client;
}

async function sessionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}
