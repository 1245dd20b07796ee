// Finds a Chromium for the browser tests, and installs one if there is none.

import { existsSync } from "node:fs";

const systemPaths = [
  // Without the browser's own window pages, which cost as much as the page under test.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** @returns {Promise<string | undefined>} the path of an installed Chromium */
export async function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const { chromium } = await import("@playwright/test");
  return [chromium.executablePath(), ...systemPaths].find((path) => existsSync(path));
}

/**
 * The ways to get one, most likely first; each a list of commands.
 * @returns {string[][][]}
 */
export function chromiumInstallations() {
  const fromPlaywright = ["node_modules/@playwright/test/cli.js", "install", "chromium"];
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return [[fromPlaywright]];
  const fromDebian = (/** @type {string} */ name) => [
    ["apt-get", "update"],
    ["apt-get", "install", "--yes", "--no-install-recommends", name],
  ];
  return [fromDebian("chromium-headless-shell"), fromDebian("chromium"), [fromPlaywright]];
}
