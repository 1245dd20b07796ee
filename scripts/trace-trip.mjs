// npm run trace-trip: which files of lib and components run on two trips, by V8's coverage, and how long
// these files are. `-- refresh` and `-- consent` run one of them.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installPackages } from "./install.mjs";
import { runStep } from "./step.mjs";

const names = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "usher-trips-"));
const trips = path.join(folder, "trips.jsonl");

try {
  installPackages(console.log);
  const prepared = await runStep({ name: "Prisma client", command: ["scripts/generate.mjs"] });
  const trace = {
    name: "Trips",
    command: [
      "node_modules/vitest/vitest.mjs",
      ...["run", "--project", "integration", "tests/integration/trips.test.tsx"],
      ...(names.length > 0 ? ["-t", names.join("|")] : []),
    ],
  };
  const traced = prepared && (await runStep(trace, { ...process.env, USHER_TRIPS: trips }));
  process.exitCode = traced ? 0 : 1;
  for (const line of readFileSync(trips, "utf8").trim().split("\n")) print(JSON.parse(line));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {{ trip: string, files: { path: string, lineCount: number }[] }} traced */
function print({ trip, files }) {
  const lines = files.reduce((sum, { lineCount }) => sum + lineCount, 0);
  console.log(`\n${trip}: ${files.length} files with ${lines} lines`);
  for (const { path: file, lineCount } of files) console.log(`  ${lineCount}\t${file}`);
}
