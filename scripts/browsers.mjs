// Finds the browsers of npm run test:browsers.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { findChromium } from "./chromium.mjs";

/** Debian's packages, by engine. */
export const debianPackages = {
  chromium: ["chromium"],
  firefox: ["firefox-esr"],
  webkitgtk: ["webkit2gtk-driver", "xvfb"],
};

/**
 * @returns {Promise<{
 *   chromium: string | undefined,
 *   firefox: string | undefined,
 *   webkitgtk: { driver: string, miniBrowser: string, xvfb: string } | undefined,
 * }>}
 */
export async function findBrowsers() {
  return {
    chromium: await findChromium(),
    firefox: process.env.FIREFOX_PATH ?? first(["/usr/bin/firefox-esr", "/usr/bin/firefox"]),
    webkitgtk: findWebKitGtk(),
  };
}

function findWebKitGtk() {
  const driver = first(["/usr/bin/WebKitWebDriver"]);
  const xvfb = first(["/usr/bin/Xvfb"]);
  const miniBrowser = first(libraryFolders().map((folder) => path.join(folder, "MiniBrowser")));
  return driver && xvfb && miniBrowser ? { driver, xvfb, miniBrowser } : undefined;
}

/** Of the engine, as /usr/lib/x86_64-linux-gnu/webkit2gtk-4.1. */
function libraryFolders() {
  return ["/usr/lib", "/usr/libexec"]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const inside = path.join(folder, entry.name);
        if (entry.name.startsWith("webkit")) return [inside];
        if (!entry.isDirectory() || !entry.name.endsWith("-linux-gnu")) return [];
        return readdirSync(inside)
          .filter((name) => name.startsWith("webkit"))
          .map((name) => path.join(inside, name));
      }),
    );
}

/** @param {string[]} paths */
function first(paths) {
  return paths.find((candidate) => existsSync(candidate));
}
