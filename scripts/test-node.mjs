// npm run test:node -- 24: unit and integration tests with that Node version, from npm's own packages of it.
// Further arguments go to Vitest: npm run test:node -- 22 tests/integration/refresh.test.ts

import { spawnSync } from "node:child_process";
import path from "node:path";
import { cachedPackage } from "./cached-package.mjs";
import { installPackages } from "./install.mjs";
import { root, runStep } from "./step.mjs";

const [version, ...rest] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? "")) {
  console.error("Name a version of Node: npm run test:node -- 24");
  process.exit(2);
}
installPackages((line) => console.log(line));
const node = installNode(version);
const env = { ...process.env, PATH: [path.dirname(node), process.env.PATH].join(path.delimiter) };
const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
console.log(`Node ${stdout.trim()}`);

const projects = ["unit", "integration"].flatMap((name) => ["--project", name]);
const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
const isGenerated = await runStep(
  { name: "Prisma client", command: [node, path.join(root, "scripts/generate.mjs")] },
  env,
);
const command = [node, vitest, "run", ...projects, ...rest];
const passed = isGenerated && (await runStep({ name: "Tests", command, live: true }, env));
process.exit(passed ? 0 : 1);

/**
 * The package for this machine: the one named `node` chooses it with an install script.
 * @param {string} wanted such as `24` or `22.12.0`
 * @returns {string} its executable
 */
function installNode(wanted) {
  const system = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${system}-${process.arch}`;
  return cachedPackage(name, wanted, path.join("bin", system === "win" ? "node.exe" : "node"));
}
