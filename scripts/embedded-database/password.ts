import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";

/**
 * The password of a folder's database, created on the first start and stored beside it for this user
 * only. Being able to connect to the port is not enough: every program on the machine can.
 *
 * @param folder absent: the database lives in memory, and so does its password
 */
export async function databasePassword(folder?: string): Promise<string> {
  if (folder === undefined) return newPassword();
  const file = `${folder}.password`;
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept.trim() !== "") return kept.trim();
  const password = newPassword();
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "w", 0o600);
  await handle.writeFile(`${password}\n`);
  await handle.close();
  return password;
}

export function databaseUrl(port: number, password: string): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}

function newPassword(): string {
  return randomBytes(24).toString("base64url");
}
