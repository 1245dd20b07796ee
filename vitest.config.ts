import { availableParallelism } from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = import.meta.dirname;

/** These wait for limits of time. Begun last, they would hold up the end of the run alone. */
const longWaits =
  /conformance|silent-database|slow-providers|busy-database|many-servers|killed-process/;

class LongWaitsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const waits = (file: TestSpecification) => longWaits.test(file.moduleId);
    return sorted.toSorted((one, other) => Number(waits(other)) - Number(waits(one)));
  }
}

export default defineConfig({
  resolve: {
    alias: {
      "@": root,
      // Next's guard against server code in a browser; there is no browser bundle here.
      "server-only": path.join(root, "node_modules/next/dist/compiled/server-only/empty.js"),
    },
  },
  test: {
    // One more than there are cores, since many files wait for time limits. One Postgres serves them all.
    maxWorkers: Math.min(6, Math.max(3, availableParallelism() + 1)),
    sequence: { sequencer: LongWaitsFirst },
    // A busy machine is slow, not wrong. A hook that runs out of time fails a run whose tests all passed.
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          testTimeout: 300_000,
          include: ["tests/unit/**/*.test.{ts,tsx}", "tests/architecture.test.ts"],
          // Nothing runs at import, so files may share what is loaded: a third of the time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.{ts,tsx}", "tests/field/**/*.test.ts"],
          globalSetup: [
            "tests/support/postgres-global-setup.ts",
            "tests/support/bundle-processes.ts",
          ],
          pool: "forks",
          isolate: false,
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: "conformance",
          include: ["tests/conformance/**/*.test.ts"],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: "trials",
          include: ["tests/trials/**/*.test.ts"],
          globalSetup: [
            "tests/support/postgres-global-setup.ts",
            "tests/support/bundle-processes.ts",
          ],
          pool: "forks",
          testTimeout: 30 * 60_000,
          hookTimeout: 5 * 60_000,
          // After the other tests, because they measure time. Four at once: most of it they wait for
          // leases, hung providers and dead processes.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
