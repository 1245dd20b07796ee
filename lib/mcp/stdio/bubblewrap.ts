import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { StdioEnv } from "@/lib/env/stdio";
import { McpServerError } from "@/lib/errors";
import { findProgram } from "./find-program";
import { handVariables } from "./handed-variables";
import { keyringFilter } from "./keyring-filter";
import type { Launch, StdioProgram } from "./launch";
import { makeServersFolder, serverFolder, serversFolder } from "./own-folder";
import { isWithin, type VisibleFiles, visibleFiles } from "./visible-folders";

export interface Bubblewrap {
  /** Of bwrap itself. */
  program: string;
  /** Whether this version can forbid further namespaces inside. */
  forbidsNamespaces: boolean;
}

/** Where a program has its own files, as it sees them. */
const home = "/home/server";
const filterName = "no-keyrings.bpf";
/** `nobody`, for an Usher that runs as root; it is the same person outside of the sandbox. */
const unprivileged = 65534;

/**
 * Starts a program in namespaces of its own: it sees no other process, and of the files those for
 * reading that programs need, and a folder of its own. The network is the machine's.
 */
export async function launchInBubblewrap(
  program: StdioProgram,
  bubblewrap: Bubblewrap,
  env: StdioEnv,
  usher: { folder: string; uid: number },
): Promise<Launch> {
  const folder = serversFolder(env, usher.uid);
  await makeServersFolder(folder, usher.uid);
  const own = serverFolder(folder, program.serverId);
  for (const part of ["home", "tmp"]) {
    await mkdir(/* turbopackIgnore: true */ path.join(own, part), { recursive: true, mode: 0o700 });
  }
  const filter = path.join(folder, filterName);
  await writeFile(/* turbopackIgnore: true */ filter, keyringFilter(), { mode: 0o600 });
  const visible = await visibleFiles(env, hiddenFrom(env, usher.folder, folder), process.execPath);
  await checkCommand(program, visible);
  const inside = handVariables(program, program.environment, {
    HOME: home,
    PATH: visible.path.join(":"),
  });
  const args = [
    ...sandboxArguments(bubblewrap, visible, own, usher.uid),
    ...["--seccomp", "9", "--", inside.command, ...inside.args],
  ];
  return {
    // bwrap reads the filter from a descriptor, and the client's transport opens three only.
    command: "/bin/sh",
    args: ["-c", 'exec 9<"$1"; shift; exec "$@"', "sh", filter, bubblewrap.program, ...args],
    environment: inside.environment,
    cwd: "/",
  };
}

/** What is covered even where it lies within a folder that programs may read. */
export function hiddenFrom(
  env: Pick<StdioEnv, "keyFiles">,
  usherFolder: string,
  folder: string,
): string[] {
  return [usherFolder, folder, ...env.keyFiles];
}

/** All but what is to be run. @see bwrap(1) */
function sandboxArguments(
  { forbidsNamespaces }: Bubblewrap,
  { mounts, links, hiddenFolders, hiddenFiles }: VisibleFiles,
  own: string,
  uid: number,
): string[] {
  const id = `${uid === 0 ? unprivileged : uid}`;
  return [
    ...["--unshare-user", "--uid", id, "--gid", id, "--cap-drop", "ALL"],
    ...(forbidsNamespaces ? ["--disable-userns"] : []),
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session"],
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--tmpfs", "/var"],
    ...["--bind", path.join(own, "tmp"), "/tmp", "--symlink", "../tmp", "/var/tmp"],
    ...links.flatMap(({ source, target }) => ["--symlink", source, target]),
    ...mounts.flatMap(({ source, target }) => ["--ro-bind", source, target]),
    ...hiddenFolders.flatMap((covered) => ["--tmpfs", covered, "--remount-ro", covered]),
    ...hiddenFiles.flatMap((covered) => ["--ro-bind", "/dev/null", covered]),
    ...["--bind", path.join(own, "home"), home, "--chdir", home],
    ...["--remount-ro", "/run", "--remount-ro", "/var", "--remount-ro", "/"],
  ];
}

async function checkCommand(program: StdioProgram, visible: VisibleFiles): Promise<void> {
  const isVisible = (file: string) =>
    visible.mounts.some(({ source }) => isWithin(file, source)) ||
    visible.links.some(({ source }) => isWithin(file, `/${source}`));
  const found = await findProgram(program.command, visible.path, isVisible);
  if (found !== null) return;
  throw new McpServerError(
    `The command “${program.command}” of ${program.serverName} was not found in the sandbox. Programs see the system's folders, those on PATH, and those that the operator lists in STDIO_READ_ONLY_FOLDERS.`,
  );
}
