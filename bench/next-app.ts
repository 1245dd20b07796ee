import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@/tests/e2e/next-server";

/** A built app of Next, served by `next start`. */
export interface NextApp {
  url: string;
  /** From the start of its process to its first good answer at `/api/health`. */
  startedInMs: number;
  /** Resident, in MB, as the kernel counts it. */
  memoryMb(): Promise<number>;
  stop(): Promise<void>;
}

const next = path.resolve("node_modules/next/dist/bin/next");
const giveUpAfterMs = 60_000;

/** @param env is told the address that the app will have */
export async function startNextApp(
  folder: string,
  env: (url: string) => Record<string, string> = () => ({}),
): Promise<NextApp> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [next, "start", "--hostname", "127.0.0.1", "--port", `${port}`],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: "production",
        NEXT_TELEMETRY_DISABLED: "1",
        ...env(url),
      },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const stop = () => stopProcess(child);
  try {
    await untilHealthy(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    startedInMs: performance.now() - startedAt,
    memoryMb: () => residentMb(child.pid ?? 0),
    stop,
  };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    const answer = await fetch(`${url}/api/health`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      throw new Error(`The app at ${url} did not start (${answer?.status ?? "no answer"}).`);
    }
    await delay(5);
  }
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1000;
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
