import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildWhenChanged } from "../scripts/demo/build-when-changed.mjs";
import { root, runStep } from "../scripts/step.mjs";
import type { BenchInstallation } from "./installation";
import { type NextApp, startNextApp } from "./next-app";

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
 * An app of the same Next with one page and nothing on it. Beside it: a handler that answers at once
 * what it is given, and one that reads the list of MCP servers from `DATABASE_URL` and sends it.
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
  serverExternalPackages: ["pg"],
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
  "app/api/constant/route.js": `export const dynamic = "force-dynamic";
const answer = JSON.parse(process.env.BENCH_ANSWER ?? "null");
export function GET() {
  return Response.json(answer);
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
};
