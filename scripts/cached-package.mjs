import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./step.mjs";

/**
 * A package that only a check needs, installed alongside the project's own and kept for the next time. Exits the
 * process if that fails.
 * @param {string} name of the package
 * @param {string} version as npm takes it
 * @param {string} within a file or folder of the package that must be there
 * @returns {string} the path of `within`
 */
export function cachedPackage(name, version, within) {
  const folder = path.join(
    root,
    "node_modules/.cache/usher",
    `${name.replace(/[@/]/g, "_")}-${version}`,
  );
  const wanted = path.join(folder, "node_modules", name, within);
  if (existsSync(wanted)) return wanted;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  const { status } = spawnSync(
    "npm",
    ["install", "--prefix", folder, "--no-audit", "--no-fund", `${name}@${version}`],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" },
  );
  if (status === 0 && existsSync(wanted)) return wanted;
  console.error(`${name}@${version} could not be installed. See above.`);
  return process.exit(1);
}
