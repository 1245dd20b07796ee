// npm test: everything, in a fresh clone too. Ends with a summary line: N passed, N failed.
// Imports nothing from node_modules at its start: this script is what fills them.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { bubblewrapHere, bubblewrapInstallation } from "./bubblewrap.mjs";
import { checks } from "./checks.mjs";
import { chromiumInstallations, findChromium } from "./chromium.mjs";
import { installPackages } from "./install.mjs";
import { runStep } from "./step.mjs";
import { failureText, reportVariable, takeReport } from "./test-report/report.mjs";

const totals = { passed: 0, failed: 0, skipped: 0 };
/** @type {import("./test-report/report.mjs").Failure[]} */
const failures = [];
const reports = mkdtempSync(path.join(tmpdir(), "usher-reports-"));
process.env.HOME = home();

try {
  await test();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
if (failures.length) console.log(`\nWhat failed:\n${failureText(failures)}`);
const skipped = totals.skipped ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exit(totals.failed ? 1 : 0);

async function test() {
  if (!havePackages()) return count("Packages", false);
  const env = testEnvironment();
  for (const step of checks) count(step.name, await runStep(step, env));
  await tryBubblewrap();
  // The build uses the time in which integration tests wait, and is over before trials measure time.
  const [isBuilt] = await Promise.all([
    runStep({ name: "Build", command: ["scripts/build.mjs"] }, env),
    countReport(vitest(), env),
  ]);
  count("Build", isBuilt);
  const chromium = await haveChromium();
  if (!isBuilt || !chromium) return count("Browser tests", false);
  await countReport(playwright(), { ...env, CHROMIUM_PATH: chromium });
}

/**
 * @param {string} name
 * @param {boolean} passed
 */
function count(name, passed) {
  totals[passed ? "passed" : "failed"] += 1;
  if (!passed) failures.push({ name, errors: ["Its output is above."] });
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

/** Without it the sandbox tests are skipped, and say why. */
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

/** The part of this shell's environment that a test may see: nothing that configures Usher. */
function testEnvironment() {
  const kept =
    /^(PATH|USER|LOGNAME|SHELL|LANG|LC_.*|TERM|TMPDIR|TEMP|TMP|CI|NO_COLOR|FORCE_COLOR|PLAYWRIGHT_BROWSERS_PATH|CHROMIUM_PATH|SystemRoot)$/i;
  const entries = Object.entries(process.env).filter(([name]) => kept.test(name));
  return { ...Object.fromEntries(entries), HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: "1" };
}

/** An empty HOME would make programs write their files into the current folder. */
function home() {
  const own = homedir();
  return own && existsSync(own) ? own : reports;
}

/** @returns {import("./step.mjs").Step} */
function vitest() {
  const reporters = ["default", "./scripts/test-report/vitest.mjs"];
  return {
    name: "Unit and integration tests",
    command: [
      "node_modules/vitest/vitest.mjs",
      "run",
      ...reporters.flatMap((reporter) => ["--reporter", reporter]),
    ],
    live: true,
  };
}

/** @returns {import("./step.mjs").Step} */
function playwright() {
  const reporters = "list,./scripts/test-report/playwright.mjs";
  return {
    name: "Browser tests",
    command: ["node_modules/@playwright/test/cli.js", "test", "--reporter", reporters],
    live: true,
  };
}

/**
 * Runs tests, and adds their report's counts and failures.
 * @param {import("./step.mjs").Step} step
 * @param {NodeJS.ProcessEnv} env
 */
async function countReport(step, env) {
  const file = path.join(reports, `${step.name}.json`);
  const passed = await runStep(step, { ...env, [reportVariable]: file });
  const report = takeReport(file, { name: step.name, passed });
  for (const outcome of ["passed", "failed", "skipped"]) totals[outcome] += report[outcome];
  failures.push(...report.failures);
}
