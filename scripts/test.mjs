// npm test: everything, in a fresh clone too. Ends with a line of its own: N passed, N failed.
// Imports nothing from node_modules at its start: it is this script that fills them.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { bubblewrapHere, bubblewrapInstallation } from "./bubblewrap.mjs";
import { checks } from "./checks.mjs";
import { chromiumInstallations, findChromium } from "./chromium.mjs";
import { installPackages } from "./install.mjs";
import { runStep } from "./step.mjs";

const totals = { passed: 0, failed: 0, skipped: 0 };
const reports = mkdtempSync(path.join(tmpdir(), "usher-reports-"));
process.env.HOME = home();

try {
  await test();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
const skipped = totals.skipped ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exit(totals.failed ? 1 : 0);

async function test() {
  if (!havePackages()) return count(false);
  const env = testEnvironment();
  for (const step of checks) count(await runStep(step, env));
  await tryBubblewrap();
  // The build fills the time in which integration tests wait, and is over before trials measure time.
  const [isBuilt] = await Promise.all([
    runStep({ name: "Build", command: ["scripts/build.mjs"] }, env),
    countReport(vitest(), readVitestReport, env),
  ]);
  count(isBuilt);
  const chromium = await haveChromium();
  if (!isBuilt || !chromium) return count(false);
  await countReport(playwright(), readPlaywrightReport, { ...env, CHROMIUM_PATH: chromium });
}

/** @param {boolean} passed */
function count(passed) {
  totals[passed ? "passed" : "failed"] += 1;
}

function havePackages() {
  try {
    installPackages((line) => console.log(line));
    return true;
  } catch (error) {
    console.log(`✗ Packages: ${error.message}`);
    return false;
  }
}

/** Without it the tests of the sandbox are skipped, and say why. */
async function tryBubblewrap() {
  if (bubblewrapHere() !== "missing") return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const command of bubblewrapInstallation())
    await runStep({ name: `bubblewrap: ${command.join(" ")}`, command }, env);
}

async function haveChromium() {
  const found = await findChromium();
  if (found) return found;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const commands of chromiumInstallations()) {
    for (const command of commands)
      await runStep({ name: `Chromium: ${command.join(" ")}`, command }, env);
    const installed = await findChromium();
    if (installed) return installed;
  }
  console.log("✗ Chromium: none was found or could be installed. Set CHROMIUM_PATH to one.");
  return undefined;
}

/** What a test may see of this shell: nothing that configures Usher. */
function testEnvironment() {
  const kept =
    /^(PATH|USER|LOGNAME|SHELL|LANG|LC_.*|TERM|TMPDIR|TEMP|TMP|CI|NO_COLOR|FORCE_COLOR|PLAYWRIGHT_BROWSERS_PATH|CHROMIUM_PATH|SystemRoot)$/i;
  const entries = Object.entries(process.env).filter(([name]) => kept.test(name));
  return { ...Object.fromEntries(entries), HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: "1" };
}

/** An empty HOME would put what programs keep there into the current folder. */
function home() {
  const own = homedir();
  return own && existsSync(own) ? own : reports;
}

/** @returns {import("./step.mjs").Step} */
function vitest() {
  return {
    name: "Unit and integration tests",
    command: [
      "node_modules/vitest/vitest.mjs",
      "run",
      ...["--reporter", "default", "--reporter", "json", "--outputFile.json", reportFile()],
    ],
    live: true,
  };
}

/** @returns {import("./step.mjs").Step} */
function playwright() {
  return {
    name: "Browser tests",
    command: ["node_modules/@playwright/test/cli.js", "test", "--reporter", "list,json"],
    live: true,
  };
}

function reportFile() {
  return path.join(reports, "report.json");
}

/**
 * Runs tests and adds what their report counts; a run that fails without a failed test counts as one.
 * @param {import("./step.mjs").Step} step
 * @param {(report: any) => typeof totals} read
 * @param {NodeJS.ProcessEnv} env
 */
async function countReport(step, read, env) {
  rmSync(reportFile(), { force: true });
  const passed = await runStep(step, { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile() });
  const counted = existsSync(reportFile())
    ? read(JSON.parse(readFileSync(reportFile(), "utf8")))
    : { passed: 0, failed: 0, skipped: 0 };
  if (!passed && counted.failed === 0) counted.failed = 1;
  for (const outcome of ["passed", "failed", "skipped"]) {
    totals[outcome] += counted[outcome];
  }
}

function readVitestReport({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) {
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
  };
}

function readPlaywrightReport({ stats: { expected, unexpected, flaky, skipped } }) {
  return { passed: expected, failed: unexpected + flaky, skipped };
}
