import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { StdioEnv } from "@/lib/env/stdio";
import { McpServerError } from "@/lib/errors";
import {
  isWithin,
  makeServersFolder,
  serverFolder,
  serversFolder,
  type VisibleFiles,
  visibleFiles,
} from "@/lib/mcp/stdio/folders";
import { handVariables, type Launch, type StdioProgram } from "@/lib/mcp/stdio/launch";
import { findProgram } from "@/lib/mcp/stdio/programs";

export interface Bubblewrap {
  /** Of bwrap itself. */
  program: string;
  /** Whether this version can forbid further namespaces inside. */
  forbidsNamespaces: boolean;
}

/** The working folder as the program sees it. */
const home = "/home/server";
const filterName = "no-keyrings.bpf";
/** `nobody`, for an Usher that runs as root; outside the sandbox it is the same user. */
const unprivileged = 65534;

/**
 * Starts a program in its own namespaces: it sees no other process, and of the files only those
 * that programs need to read, and its own folder. The network is the machine's.
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
    await mkdir(path.join(/* turbopackIgnore: true */ own, part), { recursive: true, mode: 0o700 });
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
    // bwrap reads the filter from a descriptor, and the client's transport opens only three.
    command: "/bin/sh",
    args: ["-c", 'exec 9<"$1"; shift; exec "$@"', "sh", filter, bubblewrap.program, ...args],
    environment: inside.environment,
    cwd: "/",
  };
}

/** What is covered even if it lies inside a folder that programs may read. */
function hiddenFrom(
  env: Pick<StdioEnv, "keyFiles">,
  usherFolder: string,
  folder: string,
): string[] {
  return [usherFolder, folder, ...env.keyFiles];
}

/** The arguments except the command. @see bwrap(1) */
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

/** One instruction of classic BPF. @see https://www.kernel.org/doc/Documentation/networking/filter.txt */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;

/** Of `struct seccomp_data`, in bytes. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;

const ALLOW = 0x7fff_0000;
/** SECCOMP_RET_ERRNO with ENOSYS: as on a kernel that has no keyrings. */
const REFUSE = 0x0005_0000 | 38;

/** add_key, request_key and keyctl, by the kernel's AUDIT_ARCH. */
const keyringCalls: readonly (readonly [number, readonly number[]])[] = [
  [0xc000_003e, [248, 249, 250]],
  [0x4000_0003, [286, 287, 288]],
  [0xc000_00b7, [217, 218, 219]],
  [0x4000_0028, [309, 310, 311]],
  [0xc000_00f3, [217, 218, 219]],
];
/** x32 calls have this bit set on x86-64; nothing current needs them. */
const X86_64 = 0xc000_003e;
const X32_BIT = 0x4000_0000;

/**
 * A seccomp filter that removes access to the kernel's keyrings: they belong to a login session and not to a
 * namespace, so a sandboxed program would inherit Usher's.
 */
function keyringFilter(): Buffer {
  const program = [instruction(LOAD_WORD, ARCHITECTURE_AT)];
  for (const [architecture, calls] of keyringCalls) {
    const body = [
      instruction(LOAD_WORD, NUMBER_AT),
      ...(architecture === X86_64
        ? [instruction(JUMP_IF_AT_LEAST, X32_BIT, 0, 1), instruction(RETURN, REFUSE)]
        : []),
      ...calls.flatMap((call) => [
        instruction(JUMP_IF_EQUAL, call, 0, 1),
        instruction(RETURN, REFUSE),
      ]),
      instruction(RETURN, ALLOW),
    ];
    program.push(instruction(JUMP_IF_EQUAL, architecture, 0, body.length), ...body);
  }
  // An unlisted architecture is left as it is: the filter is one of several walls.
  program.push(instruction(RETURN, ALLOW));
  return Buffer.concat(program);
}

function instruction(code: number, value: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
