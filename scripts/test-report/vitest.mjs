import { saveReport } from "./report.mjs";

/** Counts the tests, and keeps why a test, a hook or a file failed, and errors outside any test. */
export default class VitestReport {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly import("vitest").SerializedError[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const failures = unhandledErrors.map((error) => failure("Outside of any test", [error]));
    for (const module of modules) {
      const name = module.relativeModuleId;
      if (module.errors().length) failures.push(failure(name, module.errors()));
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length)
          failures.push(failure(`${name} > ${suite.fullName}`, suite.errors()));
      }
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        counts[state] += 1;
        if (state === "failed") failures.push(failure(`${name} > ${test.fullName}`, errors));
      }
    }
    const { passed, failed, skipped, pending } = counts;
    saveReport({ passed, failed, skipped: skipped + pending, failures });
  }
}

/**
 * @param {string} name
 * @param {readonly { message: string, stack?: string }[]} errors
 */
function failure(name, errors) {
  return { name, errors: errors.map(({ message, stack }) => stack || message) };
}
