// npm run pictures: builds the app and takes the README's pictures of it, into docs/images.

import { runStep } from "./step.mjs";

const env = { ...process.env, USHER_PICTURES: "docs/images" };
const steps = [
  { name: "Build", command: ["scripts/build.mjs"] },
  {
    name: "Pictures",
    command: ["node_modules/@playwright/test/cli.js", "test", "pictures.spec", "--workers=1"],
    live: true,
  },
];
for (const step of steps) {
  if (!(await runStep(step, env))) {
    process.exitCode = 1;
    break;
  }
}
