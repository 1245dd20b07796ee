import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { StdioMode } from "@/lib/contracts/servers/mcp-server";
import type { StdioEnv } from "@/lib/env/stdio";
import { McpServerError } from "@/lib/errors";
import { type Bubblewrap, launchInBubblewrap } from "@/lib/mcp/stdio/bubblewrap";
import {
  makeServersFolder,
  removeServerFolder,
  serverFolder,
  serversFolder,
} from "@/lib/mcp/stdio/folders";
import type { Launch, StdioProgram, StdioServers } from "@/lib/mcp/stdio/launch";
import { asUser, launchAsUser, type OtherUser, readableSecrets } from "@/lib/mcp/stdio/other-user";
import { findProgram, run } from "@/lib/mcp/stdio/programs";

const stdioNeedsOwnMachine =
  "stdio starts a process on Usher's own machine, which Vercel does not offer. Use an HTTP transport, or run Usher on a machine of yours.";

const stdioIsOff =
  "stdio servers are off in this Usher. To run them, the operator sets STDIO_SERVERS to sandbox, or to trusted where the programs may read everything that Usher can.";

interface Machine {
  selfHosted: boolean;
  platform: NodeJS.Platform;
  /** Usher's user; absent on Windows. */
  uid: number | undefined;
  /** Absolute: the folder that Usher runs in, whose files are hidden. */
  folder: string;
}

/** Starts the programs of stdio servers as STDIO_SERVERS says. */
export function createStdioServers(env: StdioEnv, machine: Machine): StdioServers {
  const mode = modeOf(env);
  const unavailable =
    mode !== "off" ? null : machine.selfHosted ? stdioIsOff : stdioNeedsOwnMachine;
  // The machine is probed once, and again after it was insufficient.
  let bubblewrap: Promise<Bubblewrap | string> | null = null;
  let otherUser: Promise<OtherUser | string> | null = null;
  const uid = machine.uid ?? -1;
  const usher = { folder: machine.folder, uid };
  const askBubblewrap = () => {
    bubblewrap ??= findBubblewrap(env.path, machine.platform);
    return bubblewrap;
  };
  const askUser = () => {
    otherUser ??= findUser(env, machine);
    return otherUser;
  };

  return {
    mode,
    unavailable,
    async launch(program) {
      switch (mode) {
        case "off":
          throw new McpServerError(`${program.serverName} cannot be started: ${unavailable}`);
        case "trusted":
          return trusted(program, env, machine);
        case "bubblewrap": {
          const found = await askBubblewrap();
          if (typeof found === "string") throw cannotStart(program, found);
          return launchInBubblewrap(program, found, env, usher);
        }
        case "user": {
          const found = await askUser();
          if (typeof found === "string") throw cannotStart(program, found);
          return launchAsUser(program, found, env, machine.folder);
        }
      }
    },
    async check() {
      if (mode === "bubblewrap") {
        const found = await askBubblewrap();
        return typeof found === "string" ? [found] : [];
      }
      if (mode !== "user") return [];
      const found = await askUser();
      if (typeof found === "string") return [found];
      const readable = await readableSecrets(found, env, machine.folder);
      return readable.map(
        (file) =>
          `STDIO_USER: ${env.user} can read ${file}. Take that away (chmod 600, or 700 for a folder), and start again.`,
      );
    },
    async forget(serverId) {
      try {
        if (mode === "bubblewrap" || mode === "trusted")
          await removeServerFolder(serversFolder(env, uid), serverId);
        const found = mode === "user" ? await askUser() : null;
        if (found === null || typeof found === "string") return;
        const own = serverFolder(serversFolder(env, found.uid), serverId);
        await run(found.program, [...asUser(found), "/bin/rm", "-rf", "--", own]);
      } catch {
        // What remains there is not a secret of Usher, and nothing reads it.
      }
    },
  };
}

function modeOf({ mode, user }: StdioEnv): StdioMode {
  if (mode !== "sandbox") return mode;
  return user === null ? "bubblewrap" : "user";
}

/**
 * As Usher's own user, in a separate folder, so that two programs do not overwrite each other's files;
 * PATH and what the admin entered are its only variables.
 */
async function trusted(
  { serverId, command, args, environment }: StdioProgram,
  env: StdioEnv,
  { folder: usherFolder, uid, platform }: Machine,
): Promise<Launch> {
  const folder = serversFolder(env, uid ?? -1);
  // Windows has no owner and no mode to check.
  if (platform !== "win32") await makeServersFolder(folder, uid ?? -1);
  const cwd = serverFolder(folder, serverId);
  await mkdir(/* turbopackIgnore: true */ cwd, { recursive: true, mode: 0o700 });
  // A relative path is relative to where Usher runs.
  const isPath = /[\\/]/.test(command);
  return {
    command: isPath ? path.resolve(/* turbopackIgnore: true */ usherFolder, command) : command,
    args,
    environment: { PATH: env.path, ...environment },
    cwd,
  };
}

function cannotStart({ serverName }: StdioProgram, why: string): McpServerError {
  return new McpServerError(`${serverName} cannot be started: ${why}`);
}

/** Where system programs are even if PATH does not include it, as under a bare service manager. */
const systemPath = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];
const otherModes =
  "Or set STDIO_SERVERS to off, or to trusted where the programs may read everything that Usher can.";

/** @returns what is wrong, in words that name the variable and the fix */
async function findBubblewrap(
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
async function findUser(
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
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return "STDIO_USER must be a user name.";
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
