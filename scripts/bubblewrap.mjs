// Finds out whether bubblewrap works here, which stdio servers are shut in by.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** @returns {"works" | "missing" | "forbidden"} `forbidden`: no namespaces may be made here */
export function bubblewrapHere() {
  const namespaces = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/"];
  const tried = spawnSync("bwrap", [...namespaces, "--", "/bin/sh", "-c", ":"]);
  if (tried.error) return "missing";
  return tried.status === 0 ? "works" : "forbidden";
}

/**
 * The way to get it, as a list of commands; empty where there is none.
 * @returns {string[][]}
 */
export function bubblewrapInstallation() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return [];
  return [
    ["apt-get", "update"],
    ["apt-get", "install", "--yes", "--no-install-recommends", "bubblewrap"],
  ];
}
