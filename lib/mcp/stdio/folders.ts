import { lstat, mkdir, realpath, rm, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import type { StdioEnv } from "@/lib/env/stdio";

/** `target` as a sandboxed program sees it is `source` of this machine, for reading only. */
interface Mount {
  source: string;
  target: string;
}

export interface VisibleFiles {
  mounts: readonly Mount[];
  /** Links of the root folder, such as /bin → usr/bin. */
  links: readonly Mount[];
  /** Covered after everything is mounted. */
  hiddenFolders: readonly string[];
  hiddenFiles: readonly string[];
  /** The remainder of PATH. */
  path: readonly string[];
}

const systemFolders = ["/usr", "/nix/store", "/gnu/store"];
const rootFolders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/** What programs need to resolve names, trust certificates and tell the time. No keys, no passwords. */
const configuration = [
  ...["resolv.conf", "hosts", "host.conf", "nsswitch.conf", "gai.conf", "services", "protocols"],
  ...["ssl/certs", "ssl/openssl.cnf", "ssl/cert.pem", "ca-certificates", "pki/tls/certs"],
  ...["pki/ca-trust/extracted", "crypto-policies", "passwd", "group", "localtime", "timezone"],
  ...["alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "mime.types", "os-release"],
  ...["fonts", "terminfo"],
];

/**
 * What a sandboxed program may read on this machine. Nothing else is visible: no home folders, no
 * /run, /var or /tmp with their sockets, and nothing in Usher's own folder even if it lies inside
 * one that is shown.
 *
 * @param hidden absolute folders and files
 */
export async function visibleFiles(
  env: Pick<StdioEnv, "path" | "readOnlyFolders">,
  hidden: readonly string[],
  nodePath: string,
): Promise<VisibleFiles> {
  const covered = await Promise.all(hidden.map(realOrItself));
  const search = env.path.split(":").filter((folder) => path.isAbsolute(folder));
  const wanted = [
    ...systemFolders,
    ...configuration.map((name) => `/etc/${name}`),
    ...search.flatMap(withLibraries),
    ...withLibraries(path.dirname(await realOrItself(nodePath))),
    ...env.readOnlyFolders,
  ];
  const links: Mount[] = [];
  const mounts: Mount[] = [];
  for (const target of rootFolders) {
    const source = await realOrNull(target);
    if (source === null) continue;
    if (source.startsWith("/usr/")) links.push({ source: source.slice(1), target });
    else mounts.push({ source, target });
  }
  for (const target of wanted) {
    const source = await realOrNull(target);
    if (source === null || tooWide(source) || covered.some((own) => isWithin(source, own)))
      continue;
    if (mounts.some((mount) => mount.source === source && mount.target === target)) continue;
    // Already visible through the folder above it.
    if (source === target && mounts.some((mount) => showsAt(mount, target))) continue;
    if (links.some((link) => isWithin(target, link.target))) continue;
    mounts.push({ source, target });
  }
  const cover = covered.flatMap((own) =>
    mounts
      .filter(({ source }) => isWithin(own, source))
      .map(({ source, target }) => path.join(target, path.relative(source, own))),
  );
  const isFolder = await Promise.all(cover.map(isDirectory));
  return {
    mounts,
    links,
    hiddenFolders: cover.filter((_, index) => isFolder[index]),
    hiddenFiles: cover.filter((_, index) => !isFolder[index]),
    path: await usable(search, covered),
  };
}

export function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** npx is a link from bin to lib, like most programs installed by a language's package manager. */
function withLibraries(folder: string): string[] {
  const isBin = path.basename(folder) === "bin";
  return isBin
    ? [folder, path.join(/* turbopackIgnore: true */ path.dirname(folder), "lib")]
    : [folder];
}

function showsAt({ source, target }: Mount, file: string): boolean {
  return source === target && isWithin(file, target);
}

/** A PATH that names the root or a whole home folder is a mistake, and would expose everything there. */
function tooWide(source: string): boolean {
  const wide = ["/", "/home", "/etc", "/var", "/run", "/tmp", "/proc", "/sys", "/dev", homedir()];
  return wide.includes(source) || /^\/(root|home\/[^/]+)$/.test(source);
}

async function usable(search: readonly string[], covered: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of search) {
    const source = await realOrNull(folder);
    if (source === null || tooWide(source) || covered.some((own) => isWithin(source, own)))
      continue;
    if (!found.includes(folder)) found.push(folder);
  }
  return found;
}

async function realOrNull(file: string): Promise<string | null> {
  return realpath(/* turbopackIgnore: true */ file).catch(() => null);
}

async function realOrItself(file: string): Promise<string> {
  return (await realOrNull(file)) ?? file;
}

async function isDirectory(file: string): Promise<boolean> {
  return stat(/* turbopackIgnore: true */ file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Each server has its own folder below it. */
export function serversFolder(env: Pick<StdioEnv, "folder">, uid: number): string {
  return env.folder ?? path.join(tmpdir(), `usher-stdio-${uid}`);
}

/** @throws Error the id could lead elsewhere */
export function serverFolder(folder: string, serverId: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(serverId)) throw new Error("Not the id of a server.");
  return path.join(folder, serverId);
}

/**
 * In a temporary folder anyone may have created this name before: a folder that belongs to someone else, or is
 * open to others, is not used.
 *
 * @returns null: the folder exists and is safe; otherwise what is wrong
 */
export async function unsafeFolder(folder: string, uid: number): Promise<string | null> {
  const found = await lstat(/* turbopackIgnore: true */ folder).catch(() => null);
  if (!found?.isDirectory()) return `${folder} is not a folder that Usher can use.`;
  if (found.uid !== uid) return `${folder} belongs to another user.`;
  return (found.mode & 0o022) === 0 ? null : `${folder} can be written to by other users.`;
}

/** Creates it if missing. @throws Error it is not safe to use */
export async function makeServersFolder(folder: string, uid: number): Promise<void> {
  await mkdir(/* turbopackIgnore: true */ folder, { recursive: true, mode: 0o700 });
  const problem = await unsafeFolder(folder, uid);
  if (problem !== null) throw new Error(problem);
}

export async function removeServerFolder(folder: string, serverId: string): Promise<void> {
  const own = serverFolder(folder, serverId);
  await rm(/* turbopackIgnore: true */ own, { recursive: true, force: true });
}
