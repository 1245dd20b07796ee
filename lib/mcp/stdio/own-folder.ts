import { lstat, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StdioEnv } from "@/lib/env/stdio";

/** Beneath it each server has a folder of its own. */
export function serversFolder(env: Pick<StdioEnv, "folder">, uid: number): string {
  return env.folder ?? path.join(tmpdir(), `usher-stdio-${uid}`);
}

/** @throws Error the id could lead elsewhere */
export function serverFolder(folder: string, serverId: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(serverId)) throw new Error("Not the id of a server.");
  return path.join(folder, serverId);
}

/**
 * In a temporary folder everybody may have made this name before: what belongs to somebody else, or is
 * open to others, is not used.
 *
 * @returns null: the folder is there and safe; else what is wrong
 */
export async function unsafeFolder(folder: string, uid: number): Promise<string | null> {
  const found = await lstat(/* turbopackIgnore: true */ folder).catch(() => null);
  if (!found?.isDirectory()) return `${folder} is not a folder that Usher can use.`;
  if (found.uid !== uid) return `${folder} belongs to another user.`;
  return (found.mode & 0o022) === 0 ? null : `${folder} can be written to by other users.`;
}

/** Makes it where it is missing. @throws Error it is not safe to use */
export async function makeServersFolder(folder: string, uid: number): Promise<void> {
  await mkdir(/* turbopackIgnore: true */ folder, { recursive: true, mode: 0o700 });
  const problem = await unsafeFolder(folder, uid);
  if (problem !== null) throw new Error(problem);
}

export async function removeServerFolder(folder: string, serverId: string): Promise<void> {
  const own = serverFolder(folder, serverId);
  await rm(/* turbopackIgnore: true */ own, { recursive: true, force: true });
}
