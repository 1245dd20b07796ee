import { cp, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SEEDS = join(dirname(fileURLToPath(import.meta.url)), "..", "files");

/** Fills a folder that does not exist yet; an existing one is left as its people made it. */
export async function seedFiles(
  seed: "handbook" | "ada" | "grace" | "calendar",
  folder: string,
): Promise<void> {
  if (await stat(folder).catch(() => null)) return;
  await mkdir(dirname(folder), { recursive: true });
  await cp(join(SEEDS, seed), folder, { recursive: true });
}
