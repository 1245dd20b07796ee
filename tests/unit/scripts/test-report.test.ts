import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  failureText,
  reportVariable,
  type TestReport,
  takeReport,
} from "@/scripts/test-report/report.mjs";

const root = process.cwd();
// Inside the project, so that the runners are found from there.
const folder = mkdtempSync(path.join(root, "node_modules/.usher-test-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

function report(runner: string, args: string[], files: Record<string, string>): TestReport {
  const cwd = mkdtempSync(path.join(folder, "run-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(cwd, name), text);
  const file = path.join(cwd, "report.json");
  const { VITEST: _, ...env } = process.env;
  const { status } = spawnSync(process.execPath, [path.join(root, runner), ...args], {
    cwd,
    env: { ...env, [reportVariable]: file },
    encoding: "utf8",
  });
  return takeReport(file, { name: "These tests", passed: status === 0 });
}

function runVitest(test: string): TestReport {
  const reporter = path.join(root, "scripts/test-report/vitest.mjs");
  const args = ["run", "--root", ".", "--config", "vitest.config.mjs", "--reporter", reporter];
  return report("node_modules/vitest/vitest.mjs", args, {
    "vitest.config.mjs": "export default {};",
    "some.test.mjs": `import { afterAll, describe, expect, it } from "vitest";\n${test}`,
  });
}

describe("the report of a test run", () => {
  it("counts passed, failed and skipped tests, and says why a test failed", () => {
    const found = runVitest(`
      it("adds", () => expect(1 + 1).toBe(2));
      it.skip("is for later", () => {});
      it("adds wrongly", () => expect(1 + 1).toBe(3));`);
    expect(found).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
    expect(failureText(found.failures)).toMatch(/some\.test\.mjs > adds wrongly\n.*expected 2/);
  });

  it("names a hook that failed after all tests passed", () => {
    const found = runVitest(`
      describe("a server", () => {
        afterAll(() => { throw new Error("it does not close"); });
        it("answers", () => expect(1).toBe(1));
      });`);
    expect(found).toMatchObject({ passed: 1, failed: 1 });
    expect(failureText(found.failures)).toMatch(/some\.test\.mjs > a server\n.*it does not close/);
  });

  it("names an error that no test awaited", () => {
    const found = runVitest(`
      it("answers", () => { Promise.reject(new Error("nobody listens")); });`);
    expect(found).toMatchObject({ passed: 1, failed: 1 });
    expect(failureText(found.failures)).toMatch(/Outside of any test\n.*nobody listens/);
  });

  it("says why a browser story failed", () => {
    const reporter = path.join(root, "scripts/test-report/playwright.mjs");
    const args = ["test", "--config", "playwright.config.mjs", "--reporter", reporter];
    const found = report("node_modules/@playwright/test/cli.js", args, {
      "playwright.config.mjs": "export default {};",
      "some.spec.mjs": `import { test, expect } from "@playwright/test";
        test("opens", () => {});
        test("does not open", () => expect("closed").toBe("open"));`,
    });
    expect(found).toMatchObject({ passed: 1, failed: 1 });
    expect(failureText(found.failures)).toMatch(/some\.spec\.mjs > does not open\n[\s\S]*closed/);
  });

  it("counts a run without a report as one failure", () => {
    const found = takeReport(path.join(folder, "none.json"), { name: "Tests", passed: false });
    expect(found).toMatchObject({ passed: 0, failed: 1 });
    expect(failureText(found.failures)).toContain("✗ Tests");
  });
});
