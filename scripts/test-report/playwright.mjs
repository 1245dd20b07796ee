import path from "node:path";
import { saveReport } from "./report.mjs";

/** @implements {import("@playwright/test/reporter").Reporter} */
export default class PlaywrightReport {
  /** @type {import("./report.mjs").Failure[]} */
  #outside = [];

  /** @param {import("@playwright/test/reporter").FullConfig} config
   *  @param {import("@playwright/test/reporter").Suite} suite */
  onBegin(config, suite) {
    this.root = config.rootDir;
    this.suite = suite;
  }

  /** @param {import("@playwright/test/reporter").TestError} error */
  onError(error) {
    this.#outside.push({ name: "Outside of any test", errors: [text(error)] });
  }

  onEnd() {
    const tests = this.suite?.allTests() ?? [];
    const outcomes = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
    for (const test of tests) outcomes[test.outcome()] += 1;
    const failed = tests.filter((test) => /unexpected|flaky/.test(test.outcome()));
    saveReport({
      passed: outcomes.expected,
      failed: failed.length,
      skipped: outcomes.skipped,
      failures: [...this.#outside, ...failed.map((test) => this.#failure(test))],
    });
  }

  /** @param {import("@playwright/test/reporter").TestCase} test */
  #failure(test) {
    const file = path.relative(this.root ?? "", test.location.file);
    const [, , , ...titles] = test.titlePath();
    const errors = test.results.flatMap((result) => result.errors.map(text));
    return { name: [file, ...titles].join(" > "), errors };
  }
}

/** @param {import("@playwright/test/reporter").TestError} error */
function text({ stack, message, value }) {
  return stack ?? message ?? value ?? "It does not say why.";
}
