// How the demo runs stdio servers: isolated where this machine can do it, otherwise not at all.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { bubblewrapHere } from "../bubblewrap.mjs";
import { root } from "../step.mjs";

/** Every Linux has it, and it owns nothing. */
const user = "nobody";

/** @returns {Record<string, string>} variables for Usher; what the environment says counts first */
export function stdioVariables() {
  if (process.env.STDIO_SERVERS) return { STDIO_SERVERS: process.env.STDIO_SERVERS };
  if (bubblewrapHere() === "works") return { STDIO_SERVERS: "sandbox" };
  return otherUserWorks()
    ? { STDIO_SERVERS: "sandbox", STDIO_USER: user }
    : { STDIO_SERVERS: "off" };
}

/** As root, as in most containers: a user who can run Node and cannot read what Usher refuses to start with. */
function otherUserWorks() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const settings = readdirSync(root).filter((name) => /^\.env(?!\.example$)/.test(name));
  const script = '"$1" -e 0 || exit 1; shift; for file; do [ ! -r "$file" ] || exit 1; done';
  const group = spawnSync("id", ["-g", user], { encoding: "utf8" }).stdout?.trim();
  const change = [`--reuid=${user}`, `--regid=${group}`, "--clear-groups", "--no-new-privs", "--"];
  const files = settings.map((name) => path.join(root, name));
  const tried = spawnSync(
    "setpriv",
    [...change, "/bin/sh", "-c", script, "sh", process.execPath, ...files],
    { cwd: "/" },
  );
  return tried.status === 0;
}
