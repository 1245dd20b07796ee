import type { Database } from "@/lib/db/client";
import { type SessionSettings, sessionSettings, unfitSession } from "./reach";

export interface DatabaseServer {
  /** Such as `17.2 (Debian 17.2-1)`. */
  version: string;
  /** Such as 170002. */
  versionNumber: number;
  readOnly: boolean;
  unfit: ReturnType<typeof unfitSession>;
  /** Its clock, in ms since the epoch, at the midpoint of the query. */
  clockMs: number;
  /** The fastest of five short statements, in ms: the rest is momentary load. */
  latencyMs: number;
}

const samples = 5;

/** @param nowMs this machine's clock, in ms since the epoch */
export async function inspectServer(
  db: Database,
  nowMs: () => number,
): Promise<DatabaseServer & { aheadMs: number }> {
  const { rows } = await db.$statement<
    { version: string; number: number; readOnly: boolean } & SessionSettings
  >(
    `SELECT current_setting('server_version') AS "version",
       current_setting('server_version_num')::int AS "number",
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "readOnly",
       ${sessionSettings}`,
    [],
  );
  const rounds: { ms: number; clockMs: number; ownMs: number }[] = [];
  for (let n = 0; n < samples; n++) {
    const startedAt = performance.now();
    const before = nowMs();
    const answer = await db.$statement<{ ms: string }>(
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS ms",
      [],
    );
    const ms = performance.now() - startedAt;
    rounds.push({ ms, clockMs: Number(answer.rows[0]?.ms), ownMs: (before + nowMs()) / 2 });
  }
  const [quickest] = rounds.toSorted((a, b) => a.ms - b.ms);
  return {
    version: rows[0]?.version ?? "",
    versionNumber: rows[0]?.number ?? 0,
    readOnly: rows[0]?.readOnly ?? false,
    unfit: rows[0] ? unfitSession(rows[0]) : null,
    clockMs: quickest?.clockMs ?? Number.NaN,
    latencyMs: quickest?.ms ?? Number.NaN,
    // The fastest round leaves the least room for a wrong guess of when it was answered.
    aheadMs: quickest ? quickest.clockMs - quickest.ownMs : Number.NaN,
  };
}

export interface DatabaseConnections {
  /** How many connections Usher's database user may have in this database: the lowest of three limits. */
  most: number;
  /** All in use on the server. */
  used: number;
  /** Of Usher's user in this database. */
  own: number;
  /** The number of addresses those come from; 0 if the server doesn't say. */
  addresses: number;
}

export async function inspectConnections(db: Database): Promise<DatabaseConnections> {
  const { rows } = await db.$statement<DatabaseConnections>(
    `SELECT least(
         current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int,
         nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1),
         nullif((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1)
       ) AS "most",
       (SELECT sum(numbackends)::int FROM pg_stat_database) AS "used",
       (SELECT count(*)::int FROM pg_stat_activity
         WHERE usename = current_user AND datname = current_database()) AS "own",
       (SELECT count(DISTINCT client_addr)::int FROM pg_stat_activity
         WHERE usename = current_user AND datname = current_database()) AS "addresses"`,
    [],
  );
  const [row] = rows;
  if (!row) throw new Error("The database named no connections.");
  return row;
}
