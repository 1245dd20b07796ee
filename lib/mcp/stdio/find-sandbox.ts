import type { StdioEnv } from "@/lib/env/stdio";
import type { Bubblewrap } from "./bubblewrap";
import { findProgram } from "./find-program";
import { asUser, type OtherUser } from "./other-user";
import { run } from "./run";

/** Where programs of the system are even where PATH does not say so, as under a bare service manager. */
const systemPath = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];
const otherModes =
  "Or set STDIO_SERVERS to off, or to trusted where the programs may read everything that Usher can.";

/** @returns what is wrong, in words that name the variable and the fix */
export async function findBubblewrap(
  searchPath: string,
  platform: NodeJS.Platform,
): Promise<Bubblewrap | string> {
  if (platform !== "linux") {
    return `STDIO_SERVERS=sandbox works on Linux only. ${otherModes}`;
  }
  const program = await findProgram("bwrap", search(searchPath));
  if (program === null) {
    return `STDIO_SERVERS=sandbox needs bubblewrap, and bwrap was not found on PATH. Install it (apt install bubblewrap), or name another user in STDIO_USER. ${otherModes}`;
  }
  const namespaces = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"];
  const rest = [
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--",
    "/bin/sh",
    "-c",
    ":",
  ];
  const strict = await run(program, [...namespaces, "--disable-userns", ...rest]);
  if (strict.ok) return { program, forbidsNamespaces: true };
  const plain = await run(program, [...namespaces, ...rest]);
  if (plain.ok) return { program, forbidsNamespaces: false };
  return `STDIO_SERVERS=sandbox: bubblewrap is installed and cannot make namespaces here (“${firstLine(plain.output)}”). Allow unprivileged user namespaces, which containers often forbid, or name another user in STDIO_USER. ${otherModes}`;
}

/** @returns what is wrong, in words that name the variable and the fix */
export async function findUser(
  env: Pick<StdioEnv, "user" | "path">,
  machine: { platform: NodeJS.Platform; uid: number | undefined },
): Promise<OtherUser | string> {
  if (machine.platform !== "linux") return `STDIO_USER works on Linux only. ${otherModes}`;
  const name = env.user ?? "";
  const program = await findProgram("setpriv", search(env.path));
  const id = await findProgram("id", search(env.path));
  if (program === null || id === null) {
    return "STDIO_USER needs setpriv, which was not found. Install util-linux.";
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return "STDIO_USER wants the name of a user.";
  const [uid, gid] = await Promise.all([run(id, ["-u", name]), run(id, ["-g", name])]);
  if (!uid.ok || !gid.ok) return "STDIO_USER names a user that this machine does not have.";
  const user = { program, uid: Number(uid.output), gid: Number(gid.output) };
  if (user.uid === 0) return "STDIO_USER is root, who may read everything. Name another user.";
  if (user.uid === machine.uid) {
    return "STDIO_USER is the user that Usher runs as, who may read everything that Usher can. Name another user.";
  }
  const changed = await run(program, [...asUser(user), "/bin/sh", "-c", ":"]);
  if (changed.ok) return user;
  return `STDIO_USER: Usher may not change to ${name} (“${firstLine(changed.output)}”). Run Usher as root or with CAP_SETUID, CAP_SETGID and CAP_KILL, or leave STDIO_USER out and install bubblewrap. ${otherModes}`;
}

function search(searchPath: string): string[] {
  return [...searchPath.split(":").filter((folder) => folder.startsWith("/")), ...systemPath];
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 200);
}
