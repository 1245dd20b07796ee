import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import {
  type Account,
  copyPostgresBinaries,
  emptyFolder,
  keepDataInMemory,
  serverAccount,
} from "@/tests/support/postgres-binaries";
import {
  connected,
  databaseName,
  dropDatabase,
  type TestDatabase,
  takeDatabase,
  urlOf,
} from "@/tests/support/reused-databases";

/** The template that test databases are cloned from, with every migration applied. */
const template = "usher_template";

/** Tells test workers, and servers that a test starts, about the running cluster. */
const clusterVariable = "USHER_TEST_POSTGRES";

export type { TestDatabase };

export interface PostgresCluster {
  port: number;
  /** The connection string of a database of this cluster, whether it exists or not. */
  url(database: string): string;
  /** A new database with every migration applied. */
  createDatabase(): Promise<TestDatabase>;
  /** Stops the server and deletes all of its data. */
  stop(): Promise<void>;
}

/**
 * Starts its own real Postgres on a free port of 127.0.0.1, made for tests: it never syncs to
 * disk, and it is gone once this process is, however this process ends.
 *
 * @param settings further settings of postgresql.conf, by name.
 * @param installed the folder of another Postgres' programs; unless given, that of the packages.
 */
export async function startPostgres(
  settings: Record<string, string> = {},
  installed: string | null = null,
): Promise<PostgresCluster> {
  const account = serverAccount();
  const folder = installed ? await emptyFolder(account) : await copyPostgresBinaries(account);
  const programs = installed ?? path.join(folder, "bin");
  await keepDataInMemory(folder, account);
  await createCluster(programs, folder, account);
  const port = await freePort();
  const server = launch(programs, folder, port, settings, account);
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  await waitUntilReady(url("postgres"), server);
  const stop = async () => {
    server.ref();
    server.stdin?.end();
    if (server.exitCode === null) await once(server, "exit");
  };
  try {
    await administer(url("postgres"), `CREATE DATABASE ${template}`);
    await applyMigrations(url(template));
    return { port, url, stop, createDatabase: () => cloneTemplate(url("postgres")) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A database of the test run's own cluster, with every migration applied and no rows. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const administration = process.env[clusterVariable];
  if (!administration) {
    throw new Error(
      "No Postgres runs for these tests: their project wants postgres-global-setup.ts.",
    );
  }
  return takeDatabase(administration, () => cloneTemplate(administration));
}

/** Makes `createTestDatabase` use a cluster, in this process and in those it starts from now on. */
export function announceCluster(cluster: PostgresCluster): void {
  process.env[clusterVariable] = cluster.url("postgres");
}

/**
 * Every value of every row as Postgres writes it, one `table.column: value` per line, for tests that
 * look for what must not be stored.
 */
export async function dumpDatabase(url: string): Promise<string> {
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: () => (value: string) => value },
  });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables " +
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
    );
    const lines: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<Record<string, string | null>>(`SELECT * FROM ${name}`);
      for (const row of rows) {
        for (const [column, value] of Object.entries(row))
          lines.push(`${name}.${column}: ${value}`);
      }
    }
    return lines.join("\n");
  } finally {
    await client.end();
  }
}

async function cloneTemplate(administration: string): Promise<TestDatabase> {
  const name = databaseName();
  await administer(administration, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = urlOf(administration, name);
  return { url, drop: () => dropDatabase(administration, url) };
}

function administer(url: string, statement: string): Promise<void> {
  return connected(url, async (client) => void (await client.query(statement)));
}

async function createCluster(
  programs: string,
  folder: string,
  account: Account | undefined,
): Promise<void> {
  await promisify(execFile)(
    path.join(programs, "initdb"),
    [
      ["--pgdata", path.join(folder, "data")],
      ["--username", "postgres", "--auth", "trust"],
      ["--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"],
    ].flat(),
    { cwd: folder, env: serverEnvironment(folder), ...account },
  );
}

/**
 * A shell holds the server and the folder, and releases both when its input ends: when `stop` ends
 * it, or when this process is gone, even by SIGKILL.
 */
function launch(
  programs: string,
  folder: string,
  port: number,
  settings: Record<string, string>,
  account: Account | undefined,
): ChildProcess {
  const configuration = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    ...settings,
  };
  const server = [
    path.join(programs, "postgres"),
    ...["-D", path.join(folder, "data"), "-p", String(port)],
    ...Object.entries(configuration).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const script =
    'folder=$1; shift; "$@" >"$folder/log" 2>&1 & server=$!; ' +
    'cat >/dev/null; kill -INT "$server"; wait "$server"; cd /; rm -rf "$(readlink -f "$folder/data")" "$folder"';
  const shell = spawn("sh", ["-c", script, "sh", folder, ...server], {
    cwd: folder,
    env: serverEnvironment(folder),
    stdio: ["pipe", "ignore", "ignore"],
    // In a separate group, so that Ctrl-C reaches it only through the end of its input.
    detached: true,
    ...account,
  });
  shell.unref();
  return shell;
}

function serverEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: "C",
    TZ: "UTC",
    LD_LIBRARY_PATH: path.join(folder, "lib"),
    NODE_ENV: process.env.NODE_ENV,
  };
}

async function waitUntilReady(url: string, server: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + 120_000;
  for (;;) {
    try {
      return await administer(url, "SELECT 1");
    } catch (cause) {
      if (server.exitCode !== null || Date.now() > giveUpAt) {
        server.stdin?.end();
        throw new Error("The test Postgres did not start.", { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (!address || typeof address === "string") throw new Error("No free port was found.");
  return address.port;
}
