// Installs what the lockfile names, if it is not installed yet. Plain Node: nothing is installed before.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stamp = path.join(root, "node_modules/.usher-lockfile");

/** @param say called before it takes long */
export function installPackages(say) {
  const lockfile = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const installed = existsSync(stamp) ? readFileSync(stamp, "utf8") : null;
  if (installed === lockfile) return;
  if (installed === null && isInstalledByHand(lockfile)) return;
  say("Installing packages (once, a minute or two) …");
  installLockfile(root);
  writeFileSync(stamp, lockfile);
}

/** What a folder's lockfile names, and nothing else. @throws Error npm failed */
export function installLockfile(cwd) {
  const { status, error } = spawnSync(
    "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" },
  );
  if (error) throw error;
  if (status !== 0) {
    throw new Error("npm ci failed; see above. Is the package registry reachable?");
  }
}

/** `npm install` records what it installed beside the packages; it is enough if that file is the newer one. */
function isInstalledByHand(lockfile) {
  const hidden = path.join(root, "node_modules/.package-lock.json");
  if (!existsSync(hidden)) return false;
  const packages = (file) => Object.keys(JSON.parse(readFileSync(file, "utf8")).packages).length;
  const complete = packages(hidden) >= packages(path.join(root, "package-lock.json")) / 2;
  if (complete) writeFileSync(stamp, lockfile);
  return complete;
}
