import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { serverAccount } from "@/tests/support/postgres-binaries";

/** A database server that can be taken away and brought back. */
export interface PostgresOutage {
  begin(): Promise<void>;
  end(): Promise<void>;
  /** Stops what `end` started; before the cluster itself is stopped. */
  close(): Promise<void>;
}

/** Like a machine that hangs: connections stay open, and nothing on them is answered. */
export async function freezing(url: string): Promise<PostgresOutage> {
  const { postmaster } = await serverOf(url);
  const client = new pg.Client(url);
  await client.connect();
  let frozen: number[] = [];
  return {
    begin: async () => {
      const { rows } = await client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity");
      frozen = [postmaster, ...rows.map(({ pid }) => pid)].filter((pid) => signal(pid, "SIGSTOP"));
    },
    end: async () => {
      for (const pid of frozen) signal(pid, "SIGCONT");
    },
    close: () => client.end(),
  };
}

/** Like an update: every connection is cut, nothing listens, and then there is a new server. */
export async function restarting(url: string): Promise<PostgresOutage> {
  const { folder, postmaster } = await serverOf(url);
  const command = readFileSync(path.join(folder, "postmaster.opts"), "utf8").trim();
  let restarted: ChildProcess | null = null;
  const stop = async () => {
    if (restarted) restarted.stdin?.end();
    else signal(postmaster, "SIGINT");
  };
  return {
    begin: stop,
    end: async () => {
      restarted = start(command, folder);
      await untilReady(url);
    },
    close: async () => {
      if (!restarted) return;
      await stop();
      await once(restarted, "exit");
    },
  };
}

/** Its input keeps it alive, so that it ends with this process, however that ends. */
function start(command: string, folder: string): ChildProcess {
  const script = `${command} >/dev/null 2>&1 & server=$!; cat >/dev/null; kill -INT $server; wait`;
  return spawn("sh", ["-c", script], {
    cwd: folder,
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {
      NODE_ENV: process.env.NODE_ENV,
      PATH: process.env.PATH,
      LC_ALL: "C",
      TZ: "UTC",
      LD_LIBRARY_PATH: path.join(folder, "../lib"),
    },
    ...serverAccount(),
  });
}

async function serverOf(url: string): Promise<{ folder: string; postmaster: number }> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
    const folder = rows[0]?.data_directory ?? "";
    const [pid] = readFileSync(path.join(folder, "postmaster.pid"), "utf8").split("\n");
    return { folder, postmaster: Number(pid) };
  } finally {
    await client.end();
  }
}

/** False if the process is gone. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function untilReady(url: string): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
