// npm run check: everything that can be checked within a minute, in a fresh clone too.
// Imports nothing from node_modules at its start: this script is what fills them.

import { checks } from "./checks.mjs";
import { installPackages } from "./install.mjs";
import { runStep } from "./step.mjs";

const unitTests = {
  name: "Unit tests",
  command: ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "--reporter", "dot"],
};

installPackages(console.log);
const failed = [];
for (const step of [...checks, unitTests]) {
  if (!(await runStep(step))) failed.push(step.name);
}
console.log(failed.length ? `\nFailed: ${failed.join(", ")}` : "\nAll checks passed.");
process.exitCode = failed.length ? 1 : 0;
