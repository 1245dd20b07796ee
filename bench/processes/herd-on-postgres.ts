// What an application does that keeps its tokens in a table and refreshes them by hand: with nothing
// between two refreshes, with one refresh at a time in each process, and with the row locked.

import pg from "pg";
import { serve } from "../child";
import { runHerd } from "./loop";

type Herd = Parameters<typeof runHerd>[1];

export interface TokenTable {
  databaseUrl: string;
  tokenEndpoint: string;
  authorization: string;
}

interface Row {
  access_token: string;
  refresh_token: string;
  expires_at: Date;
}

const options: TokenTable = JSON.parse(process.argv[2] ?? "{}");
/** With pg's own number of connections, 10. */
const pool = new pg.Pool({ connectionString: options.databaseUrl });
const read = "SELECT * FROM bench_token";
let underWay: Promise<string> | null = null;

const commands = {
  async uncoordinated(herd: Herd) {
    return runHerd(readOrRefresh, herd);
  },

  async oncePerProcess(herd: Herd) {
    return runHerd(() => {
      underWay ??= readOrRefresh().finally(() => {
        underWay = null;
      });
      return underWay;
    }, herd);
  },

  async rowLock(herd: Herd) {
    return runHerd(withRowLocked, herd);
  },

  async connect() {
    const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
    for (const client of clients) client.release();
  },
};
export type HerdOnPostgres = typeof commands;

async function readOrRefresh(): Promise<string> {
  const { rows } = await pool.query<Row>(read);
  return hasExpired(rows) ? refresh(pool, rows) : tokenOf(rows);
}

async function withRowLocked(): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<Row>(`${read} FOR UPDATE`);
    const token = hasExpired(rows) ? await refresh(client, rows) : tokenOf(rows);
    await client.query("COMMIT");
    return token;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

function hasExpired([row]: Row[]): boolean {
  return !row || row.expires_at.getTime() <= Date.now();
}

function tokenOf([row]: Row[]): string {
  return row?.access_token ?? "";
}

async function refresh(db: pg.Pool | pg.PoolClient, [row]: Row[]): Promise<string> {
  const answer = await fetch(options.tokenEndpoint, {
    method: "POST",
    headers: { authorization: options.authorization },
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: row?.refresh_token ?? "",
    }),
  });
  const tokens = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${tokens.error}`);
  await db.query("UPDATE bench_token SET access_token = $1, refresh_token = $2, expires_at = $3", [
    tokens.access_token,
    tokens.refresh_token,
    new Date(Date.now() + tokens.expires_in * 1000),
  ]);
  return tokens.access_token;
}

serve(commands);
