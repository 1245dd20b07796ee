import { execFileSync, spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** Null: bubblewrap works here; otherwise why not. */
export const noBubblewrap: string | null = (() => {
  const namespaces = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "true"];
  const tried = spawnSync("bwrap", namespaces, { encoding: "utf8" });
  if (tried.error) return "bubblewrap is not installed here";
  return tried.status === 0 ? null : "unprivileged user namespaces are off here";
})();

/** Null: this process may start programs as `nobody`; otherwise why not. */
export const noOtherUser: string | null = (() => {
  if (process.platform !== "linux") return "this is not Linux";
  const args = ["--reuid=nobody", "--clear-groups", "true"];
  return spawnSync("setpriv", args).status === 0 ? null : "this user may not change to another one";
})();

/** A folder like the one Usher runs in, and one for programs beside it, in a place that everyone may enter. */
export async function stdioStage() {
  const root = await mkdtemp(path.join(tmpdir(), "usher-stage-"));
  await chmod(root, 0o755);
  const [usher, programs, folder] = ["usher", "programs", "servers"].map((name) =>
    path.join(root, name),
  ) as [string, string, string];
  await mkdir(path.join(usher, ".usher", "database"), { recursive: true, mode: 0o700 });
  await chmod(usher, 0o755);
  await mkdir(programs, { mode: 0o755 });
  await writeFile(path.join(usher, ".env"), "SECRETS_ENCRYPTION_KEY=key-in-a-file", {
    mode: 0o600,
  });
  await writeFile(path.join(usher, ".usher", "database", "PG_VERSION"), "17", { mode: 0o600 });
  const script = path.join(programs, "prying-stdio-server.mjs");
  await copyFile("tests/support/prying-stdio-server.mjs", script);
  await chmod(script, 0o644);
  return {
    root,
    /** Usher's own folder, with an .env and a database in it. */
    usher,
    /** Contains the programs that servers may run. */
    programs,
    /** For the working folders of servers. */
    folder,
    script,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

export function idOf(user: string): number {
  return Number(execFileSync("id", ["-u", user], { encoding: "utf8" }));
}
