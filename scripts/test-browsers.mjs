// npm run test:browsers: the main stories in Chromium, Firefox and WebKitGTK, three times each.
// Arguments go to Playwright: npm run test:browsers -- --project firefox

import { existsSync } from "node:fs";
import { installPackages } from "./install.mjs";
import { runStep } from "./step.mjs";

installPackages((line) => console.log(line));
const { debianPackages, findBrowsers } = await import("./browsers.mjs");

await installMissing();
if (!existsSync(".next/BUILD_ID")) await must({ name: "Build", command: ["scripts/build.mjs"] });
await must({
  name: "Browsers",
  command: [
    "node_modules/@playwright/test/cli.js",
    ...["test", "--config", "playwright.browsers.config.ts", "--repeat-each", "3"],
    ...process.argv.slice(2),
  ],
  live: true,
});

async function installMissing() {
  const found = await findBrowsers();
  const missing = Object.keys(debianPackages).filter((engine) => !found[engine]);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    console.log(`Not on this machine: ${missing.join(", ")}. On Debian run this as root once.`);
    return;
  }
  const packages = missing.flatMap((engine) => debianPackages[engine]);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runStep({ name: "Packages' list", command: ["apt-get", "update"] }, env);
  const command = ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
  await runStep({ name: `Browsers: ${packages.join(", ")}`, command }, env);
}

/** @param {import("./step.mjs").Step} step */
async function must(step) {
  if (!(await runStep(step))) process.exit(1);
}
