// npm run trials: the trials in full size, one after another, and a table of what they measured.
// Arguments choose among the refresh engine's trials, as for Vitest: npm run trials herd. Without any, or with
// "answers", ten thousand random answers are rendered in a browser too. "rolling-restart" restarts two replicas of the
// built app 50 times under load; it also runs without arguments.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runStep } from "./step.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "usher-trials-"));
const figures = path.join(folder, "figures.jsonl");
const trials = {
  name: "Trials",
  command: [
    "node_modules/vitest/vitest.mjs",
    "run",
    ...["--project", "trials", "--no-file-parallelism"],
    ...process.argv.slice(2),
  ],
  live: true,
};

const chosen = process.argv.slice(2);
const answers = {
  name: "Answers in a browser",
  command: ["node_modules/@playwright/test/cli.js", "test", "tests/e2e/answers"],
  live: true,
};
const build = { name: "Build", command: ["scripts/build.mjs"] };
const rollingRestart = {
  name: "Rolling restart of two replicas",
  command: ["node_modules/@playwright/test/cli.js", "test", "rolling-restart"],
  live: true,
};
const named = ["answers", "rolling-restart"];
const isChosen = (name) => chosen.length === 0 || chosen.includes(name);
const steps = [
  ...(chosen.some((name) => named.includes(name)) ? [] : [trials]),
  ...(isChosen("answers") ? [answers] : []),
  ...(isChosen("rolling-restart") ? [build, rollingRestart] : []),
];

try {
  const env = { ...process.env, USHER_TRIALS: "full", USHER_TRIALS_FIGURES: figures };
  process.exitCode = 0;
  for (const step of steps) if (!(await runStep(step, env))) process.exitCode = 1;
  for (const { bar, measured } of readFigures()) console.log(`\n${bar}\n  ${measured}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {{ bar: string, measured: string }[]} */
function readFigures() {
  if (!existsSync(figures)) return [];
  const lines = readFileSync(figures, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}
