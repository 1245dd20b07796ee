import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/**
 * @typedef {{ name: string, errors: string[] }} Failure
 * @typedef {{ passed: number, failed: number, skipped: number, failures: Failure[] }} TestReport
 */

/** The variable that says where a test run writes its report. */
export const reportVariable = "USHER_TEST_REPORT";
/** For each failure: its message and where it happened, not a whole page. */
const shownLines = 15;

/** @param {TestReport} report */
export function saveReport(report) {
  const file = process.env[reportVariable];
  if (file) writeFileSync(file, JSON.stringify(report));
}

/**
 * Reads a run's report and removes it. A run that failed without a failed test (a hook, an error outside
 * any test, no report at all) counts as one failure.
 * @param {string} file
 * @param {{ name: string, passed: boolean }} run
 * @returns {TestReport}
 */
export function takeReport(file, { name, passed }) {
  /** @type {TestReport} */
  const report = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { passed: 0, failed: 0, skipped: 0, failures: [] };
  rmSync(file, { force: true });
  if (passed || report.failed > 0) return report;
  const failures = report.failures.length
    ? report.failures
    : [{ name, errors: ["It failed without a failed test. Its output above says why."] }];
  return { ...report, failed: 1, failures };
}

/**
 * All failures at the end of the output, where a reader looks first.
 * @param {readonly Failure[]} failures
 */
export function failureText(failures) {
  return failures.flatMap(({ name, errors }) => [`✗ ${name}`, ...errors.map(indented)]).join("\n");
}

/** @param {string} error */
function indented(error) {
  const lines = stripVTControlCharacters(error).trim().split("\n");
  const kept = lines.slice(0, shownLines);
  if (lines.length > shownLines) kept.push(`… ${lines.length - shownLines} more lines above`);
  return kept.join("\n").replace(/^/gm, "    ");
}
