// npm run check: everything that can be told within a minute.

import { checks } from "./checks.mjs";
import { runStep } from "./step.mjs";

const unitTests = {
  name: "Unit tests",
  command: ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "--reporter", "dot"],
};

const failed = [];
for (const step of [...checks, unitTests]) {
  if (!(await runStep(step))) failed.push(step.name);
}
console.log(failed.length ? `\nFailed: ${failed.join(", ")}` : "\nAll checks passed.");
process.exitCode = failed.length ? 1 : 0;
