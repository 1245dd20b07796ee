// Finds out whether bubblewrap, which isolates stdio servers, works here.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** @returns {"works" | "missing" | "forbidden"} `forbidden`: no namespaces may be created here */
export function bubblewrapHere() {
  const namespaces = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/"];
  const tried = spawnSync("bwrap", [...namespaces, "--", "/bin/sh", "-c", ":"]);
  if (tried.error) return "missing";
  return tried.status === 0 ? "works" : "forbidden";
}

/**
 * How to install it, as a list of commands; empty if there is no way.
 * @returns {string[][]}
 */
export function bubblewrapInstallation() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return [];
  return [
    ["apt-get", "update"],
    ["apt-get", "install", "--yes", "--no-install-recommends", "bubblewrap"],
  ];
}
