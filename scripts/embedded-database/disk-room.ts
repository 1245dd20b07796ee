import { statfs } from "node:fs/promises";

/** In bytes. The database rewrites its log to start; with less room it would fail again. */
const roomToOpen = 48 * 1024 * 1024;

/** @returns null: there is room; otherwise how much there is, in words */
export async function shortOfRoom(folder: string | undefined): Promise<string | null> {
  if (folder === undefined) return null;
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= roomToOpen) return null;
  return `The disk of ${folder} is full: ${Math.floor(free / 1024 / 1024)} MiB are free, and the database needs ${roomToOpen / 1024 / 1024}.`;
}
