import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import { openTemporaryFolder, serverAccount } from "@/tests/support/postgres-binaries";

const places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];

/** Null: not installed on this machine. On Debian: `apt install pgbouncer`. */
export function pgbouncerProgram(): string | null {
  return places.find((place) => isThere(place)) ?? null;
}

export interface Pgbouncer {
  /** The same database, through the pooler. */
  url: string;
  stop(): Promise<void>;
}

/** In transaction mode unless given: each transaction may get another session. */
export async function startPgbouncer(
  program: string,
  databaseUrl: string,
  mode: "transaction" | "session" | "statement" = "transaction",
): Promise<Pgbouncer> {
  const account = serverAccount();
  const folder = await mkdtemp(path.join(openTemporaryFolder(), "usher-pgbouncer-"));
  const behind = new URL(databaseUrl);
  const port = await freePort();
  const configuration = {
    listen_addr: "127.0.0.1",
    listen_port: `${port}`,
    unix_socket_dir: "",
    auth_type: "any",
    pool_mode: mode,
    // Fewer sessions than Usher has connections: they are shared.
    default_pool_size: "3",
  };
  const file = path.join(folder, "pgbouncer.ini");
  const lines = Object.entries(configuration).map(([name, value]) => `${name} = ${value}`);
  const database = `* = host=${behind.hostname} port=${behind.port} user=${behind.username}`;
  await writeFile(file, ["[databases]", database, "[pgbouncer]", ...lines, ""].join("\n"));
  if (account) for (const each of [folder, file]) await chown(each, account.uid, account.gid);
  const child = spawn(program, [file], { stdio: ["ignore", "pipe", "pipe"], ...account });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes) => said.push(String(bytes)));
  }
  const url = new URL(databaseUrl);
  url.port = `${port}`;
  await untilReady(url.href, child, said);
  return {
    url: url.href,
    async stop() {
      child.kill("SIGINT");
      if (child.exitCode === null) await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isThere(place: string): boolean {
  try {
    accessSync(place);
    return true;
  } catch {
    return false;
  }
}

async function untilReady(url: string, child: ChildProcess, said: string[]): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (cause) {
      if (child.exitCode !== null || Date.now() > giveUpAt) {
        throw new Error(`pgbouncer did not start:\n${said.join("")}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
