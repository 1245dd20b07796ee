import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A suite at a version, or everything that a revision requires of a client. */
export type Selection =
  | { suite: "auth" | "backcompat"; specVersion: "2025-03-26" | "2025-11-25" | "2026-07-28" }
  | { scenario: string }
  | { requirements: "2025-11-25" | "2026-07-28" };

export interface ScenarioResult {
  name: string;
  passed: number;
  /** Failures and warnings, each in words. */
  wrong: string[];
}

const here = import.meta.dirname;
const cli = createRequire(import.meta.url).resolve(
  "@modelcontextprotocol/conformance/dist/index.js",
);
/** For one scenario, on a machine that has other work as well. */
const timeoutMs = 240_000;

/** Lets the official suite test the client behind `adapterUrl`. Resolves to the suite's own records. */
export async function runSuite(
  adapterUrl: string,
  selection: Selection,
): Promise<{ scenarios: ScenarioResult[]; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "usher-conformance-"));
  try {
    const client = `${process.execPath} ${join(here, "relay.mjs")} ${adapterUrl}`;
    const child = spawn(
      process.execPath,
      [
        ...["--import", join(here, "node20.mjs"), cli, "client"],
        ...["--command", client, "--timeout", String(timeoutMs), "--output-dir", folder],
        ...chosen(selection),
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    await once(child, "close");
    return { scenarios: await readResults(folder), output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One folder per scenario, named after it and the time. */
async function readResults(folder: string): Promise<ScenarioResult[]> {
  const files = await readdir(folder, { recursive: true });
  const results = files
    .filter((file) => file.endsWith("checks.json"))
    .map(async (file) => {
      const checks = JSON.parse(await readFile(join(folder, file), "utf8")) as {
        id: string;
        status: "SUCCESS" | "FAILURE" | "WARNING" | "INFO" | "SKIPPED";
        description: string;
      }[];
      const name = file.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z\/checks\.json$/, "");
      const wrong = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
      return {
        name,
        passed: checks.filter(({ status }) => status === "SUCCESS").length,
        wrong: wrong.map(
          ({ id, status, description }) => `${name}: ${status} ${id}: ${description}`,
        ),
      };
    });
  return (await Promise.all(results)).sort((a, b) => a.name.localeCompare(b.name));
}

function chosen(selection: Selection): string[] {
  if ("scenario" in selection) return ["--scenario", selection.scenario];
  return "requirements" in selection
    ? ["--requirements", selection.requirements]
    : ["--suite", selection.suite, "--spec-version", selection.specVersion];
}

/** The scenarios that count; the suite runs extensions and newer ones beside them. */
export async function requiredOfClients(revision: string): Promise<string[]> {
  const file = join(dirname(cli), `../requirements/${revision}.yaml`);
  const [, list = ""] = /^client:\n((?: {2}- .*\n)+)/m.exec(await readFile(file, "utf8")) ?? [];
  return [...list.matchAll(/^ {2}- (\S+)/gm)].map(([, name = ""]) => name);
}
