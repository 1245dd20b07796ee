import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

export interface TestDatabase {
  url: string;
  /** Ends its connections and deletes it, or empties it for a later test. */
  drop(): Promise<void>;
}

interface Kept {
  url: string;
  shape: string;
}

/** Empty databases of this process that no test is using, by cluster. */
const kept = new Map<string, Kept[]>();

/** A table above this many bytes is not emptied but discarded with its database. */
const largestTable = 1_000_000;

/**
 * A database like `clone` creates it: one left by an earlier test, or a new one. Emptying takes a tenth
 * of the work of creating one.
 */
export async function takeDatabase(
  administration: string,
  clone: () => Promise<TestDatabase>,
): Promise<TestDatabase> {
  const here = kept.get(administration) ?? [];
  kept.set(administration, here);
  const { url, shape } = here.pop() ?? (await newDatabase(clone));
  let isDropped = false;
  return {
    url,
    drop: async () => {
      if (isDropped) return;
      isDropped = true;
      const renamed = await rename(administration, url);
      if (await empty(renamed, shape)) here.push({ url: renamed, shape });
      else await dropDatabase(administration, renamed);
    },
  };
}

export function dropDatabase(administration: string, url: string): Promise<void> {
  const statement = `DROP DATABASE IF EXISTS ${nameIn(url)} WITH (FORCE)`;
  return connected(administration, async (client) => void (await client.query(statement)));
}

export async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A name that no database has had. */
export function databaseName(): string {
  return `usher_${randomUUID().replaceAll("-", "")}`;
}

export function urlOf(administration: string, name: string): string {
  const url = new URL(administration);
  url.pathname = name;
  return url.href;
}

async function newDatabase(clone: () => Promise<TestDatabase>): Promise<Kept> {
  const { url } = await clone();
  return { url, shape: await connected(url, shapeOf) };
}

/** Anything that an earlier test forgot to end finds nothing under the old name. */
function rename(administration: string, url: string): Promise<string> {
  const name = databaseName();
  return connected(administration, async (client) => {
    await endConnections(client, nameIn(url));
    await client.query(`ALTER DATABASE ${nameIn(url)} RENAME TO ${name}`);
    return urlOf(administration, name);
  });
}

/** Postgres itself checks only every 100 ms whether they have ended. */
async function endConnections(client: pg.Client, name: string): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (performance.now() < giveUpAt) {
    const { rowCount } = await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
      [name],
    );
    if (rowCount === 0) return;
    await sleep(2);
  }
}

/** @returns whether it is in its original state. */
function empty(url: string, shape: string): Promise<boolean> {
  return connected(url, async (client) => {
    // A test may have dropped tables that this reads.
    if ((await shapeOf(client).catch(() => null)) !== shape) return false;
    await client.query(emptying);
    return true;
  });
}

/** Not TRUNCATE, which creates some 200 files. Without triggers, so that the audit can be emptied too. */
const emptying = `
  SET session_replication_role = replica;
  DO $$ DECLARE "table" regclass; BEGIN
    FOR "table" IN
      SELECT oid FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> '_prisma_migrations' AND pg_relation_size(oid) > 0
    LOOP EXECUTE format('DELETE FROM %s', "table"); END LOOP;
  END $$`;

/** Changes with each change of the schema, of rights, of statistics and of the list of migrations. */
async function shapeOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ shape: string }>(shapeQuery);
  return rows[0]?.shape ?? "";
}

const catalogues = [
  ...["pg_class", "pg_attribute", "pg_attrdef", "pg_type", "pg_index", "pg_constraint"],
  ...["pg_trigger", "pg_proc", "pg_namespace", "pg_extension", "pg_statistic", "pg_policy"],
  '"_prisma_migrations"',
];

const shapeQuery = `
  SELECT concat_ws(' ', ${catalogues
    .map((table) => `(SELECT count(*) || ':' || max(xmin::text::bigint) FROM ${table})`)
    .join(", ")},
    (SELECT count(*) FROM pg_db_role_setting),
    (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND pg_relation_size(oid) > ${largestTable})) AS shape`;

function nameIn(url: string): string {
  return new URL(url).pathname.slice(1);
}
