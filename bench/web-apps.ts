import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { chromium, type Page } from "playwright";
import { findChromium } from "@/scripts/chromium.mjs";
import { freePort } from "@/tests/e2e/next-server";
import { buildWhenChanged } from "../scripts/demo/build-when-changed.mjs";
import { root, runStep } from "../scripts/step.mjs";
import type { BenchInstallation } from "./installation";
import { assertCorrect } from "./row";

const stateFolder = path.join(root, ".usher");
// Outside the repository: Next would build an app within it with Usher's proxy and instrumentation.
const emptyFolder = path.join(tmpdir(), "usher-bench-empty-app");

/** Usher as `npm start` serves it, on a database of the benchmark's. */
export async function startUsherApp(
  { env }: BenchInstallation,
  more: Record<string, string> = {},
): Promise<NextApp> {
  await mkdir(stateFolder, { recursive: true });
  await buildWhenChanged({
    root,
    stateFolder,
    say: console.log,
    run: (name: string, command: string[]) => build({ name: `Usher: ${name}`, command }),
  });
  return startNextApp(root, (url) => ({ ...env, PUBLIC_URL: url, ...more }));
}

/**
 * An app of the same Next with one page and nothing on it. Beside it: a handler that reads the list of
 * MCP servers from `DATABASE_URL` and sends it, and one that streams what the model at `BENCH_MODEL_URL`
 * says, as the AI SDK's documentation has it.
 */
export async function startEmptyApp(env: Record<string, string> = {}): Promise<NextApp> {
  const version = JSON.parse(
    await readFile(path.join(root, "node_modules/next/package.json"), "utf8"),
  ).version;
  // Another checkout's packages may be gone by now.
  const builtFrom = JSON.stringify({ version, root, files });
  const stamp = path.join(emptyFolder, "built-from");
  if ((await readFile(stamp, "utf8").catch(() => "")) !== builtFrom) {
    await rm(emptyFolder, { recursive: true, force: true });
    await mkdir(emptyFolder);
    await symlink(path.join(root, "node_modules"), path.join(emptyFolder, "node_modules"));
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(emptyFolder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    const next = "node_modules/next/dist/bin/next";
    await build({ name: "The empty app", command: [next, "build", emptyFolder] });
    await writeFile(stamp, builtFrom);
  }
  return startNextApp(emptyFolder, () => env);
}

async function build(step: { name: string; command: string[] }): Promise<void> {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" as const };
  if (!(await runStep(step, env))) throw new Error(`${step.name} was not built.`);
}

const files = {
  "package.json": '{ "private": true, "type": "module" }\n',
  "next.config.mjs": `import path from "node:path";
export default {
  serverExternalPackages: ["pg", "ai", "@ai-sdk/openai-compatible"],
  // Its packages are Usher's, by a link to another folder.
  turbopack: { root: path.parse(import.meta.dirname).root },
};
`,
  "app/layout.js": `export default function RootLayout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
  "app/page.js": `export default function Page() {
  return <h1>Nothing</h1>;
}
`,
  "app/api/health/route.js": `export const dynamic = "force-dynamic";
export function GET() {
  return Response.json({ ok: true });
}
`,
  "app/api/mcp-servers/route.js": `import pg from "pg";
export const dynamic = "force-dynamic";
let pool;
export async function GET() {
  pool ??= new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
  const { rows } = await pool.query(process.env.BENCH_QUERY);
  return Response.json({ servers: rows });
}
`,
  "app/api/answer/route.js": `import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
export const dynamic = "force-dynamic";
export async function POST(request) {
  const { text } = await request.json();
  const provider = createOpenAICompatible({ name: "bench", baseURL: process.env.BENCH_MODEL_URL });
  return streamText({ model: provider("bench-model"), prompt: text }).toUIMessageStreamResponse();
}
`,
};

/** A built app of Next, served by `next start`. */
export interface NextApp {
  url: string;
  /** From the start of its process to its first good answer at `/api/health`. */
  startedInMs: number;
  /** Resident, in MB, as the kernel counts it. */
  memoryMb(): Promise<number>;
  /** What its process has used, and how late its event loop was since the last time one asked. */
  use(): Promise<ProcessUse>;
  stop(): Promise<void>;
}

export interface ProcessUse {
  /** Since its start, user and system, in ms. */
  cpuMs: number;
  loopP99Ms: number;
  loopMaxMs: number;
  memoryMb: number;
}

const next = path.resolve("node_modules/next/dist/bin/next");
const watched = path.resolve("bench/processes/watched.mjs");
const giveUpAfterMs = 60_000;

/** @param env is told the address that the app will have */
async function startNextApp(
  folder: string,
  env: (url: string) => Record<string, string>,
): Promise<NextApp> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...["--import", watched, ...profileOptions()],
      ...[next, "start", "--hostname", "127.0.0.1", "--port", `${port}`],
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: "production",
        NEXT_TELEMETRY_DISABLED: "1",
        ...env(url),
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
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
    use: () => useOf(child),
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

function profileOptions(): string[] {
  const folder = process.env.BENCH_CPU_PROFILE;
  return folder ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}

function useOf(child: ChildProcess): Promise<ProcessUse> {
  return new Promise((resolve, reject) => {
    const hear = (message: unknown) => {
      const { use } = message as { use?: ProcessUse };
      if (!use) return;
      child.off("message", hear);
      resolve(use);
    };
    child.on("message", hear);
    child.send("use", (error) => error && reject(error));
  });
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

export interface BenchBrowser {
  /** Somebody's tab, in a browser without a cache, when all that the page asked for is there. */
  open(app: NextApp, cookie: string, path: string): Promise<Page>;
  close(): Promise<void>;
}

/** A Chromium without a window. */
export async function startBrowser(): Promise<BenchBrowser> {
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  return {
    async open(app, cookie, path) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      await context.addCookies(
        cookie.split("; ").map((pair) => {
          const at = pair.indexOf("=");
          return { name: pair.slice(0, at), value: pair.slice(at + 1), url: app.url };
        }),
      );
      const page = await context.newPage();
      const answer = await page.goto(app.url + path, { waitUntil: "networkidle" });
      assertCorrect(answer?.status() === 200, `${path} answered ${answer?.status()}`);
      return page;
    },
    close: () => browser.close(),
  };
}
