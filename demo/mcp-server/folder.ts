import { mkdir, readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { writeFileAtomically } from "@/demo/atomic-write";

const LIMIT_BYTES = 256 * 1024;
const MATCHES_LIMIT = 50;

export interface FolderFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly changedAt: string;
}

export interface FolderMatch {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** The caller's request cannot be carried out; the message is suitable for them. */
export class FolderError extends Error {}

/** A folder of text files. No path leads out of it: not by `..`, not as an absolute path, not by a link. */
export class Folder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** All files, sorted by path. */
  async list(): Promise<FolderFile[]> {
    await mkdir(this.#root, { recursive: true });
    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
    const listed = await Promise.all(
      files.map(async (entry) => {
        const full = join(entry.parentPath, entry.name);
        const { size, mtime } = await stat(full);
        return { path: this.#name(full), bytes: size, changedAt: mtime.toISOString() };
      }),
    );
    return listed.sort((a, b) => a.path.localeCompare(b.path));
  }

  /** @throws {FolderError} if there is no such file, or it is larger than 256 KiB. */
  async read(path: string): Promise<string> {
    const full = await this.#inside(path);
    const found = await stat(full).catch(() => null);
    if (!found?.isFile()) {
      const names = (await this.list()).map((file) => file.path).join(", ");
      throw new FolderError(`There is no file "${path}". The files here are: ${names || "none"}.`);
    }
    if (found.size > LIMIT_BYTES) throw new FolderError(`"${path}" is larger than 256 KiB.`);
    return readFile(full, "utf8");
  }

  /** Lines that contain the text, case-insensitively; at most 50. */
  async search(text: string): Promise<FolderMatch[]> {
    const wanted = text.toLowerCase();
    const matches: FolderMatch[] = [];
    for (const { path, bytes } of await this.list()) {
      if (bytes > LIMIT_BYTES) continue;
      const lines = (await readFile(join(this.#root, path), "utf8")).split("\n");
      for (const [index, line] of lines.entries()) {
        if (!line.toLowerCase().includes(wanted)) continue;
        matches.push({ path, line: index + 1, text: line.trim() });
        if (matches.length === MATCHES_LIMIT) return matches;
      }
    }
    return matches;
  }

  /**
   * Creates or replaces the file.
   * @throws {FolderError} if the text is larger than 256 KiB or the path is a folder.
   */
  async write(path: string, text: string): Promise<{ created: boolean }> {
    if (Buffer.byteLength(text) > LIMIT_BYTES) {
      throw new FolderError("A file here may have 256 KiB at most.");
    }
    const full = await this.#inside(path);
    const found = await stat(full).catch(() => null);
    if (found?.isDirectory()) throw new FolderError(`"${path}" is a folder.`);
    await writeFileAtomically(full, text);
    return { created: found === null };
  }

  async #inside(path: string): Promise<string> {
    const refused = new FolderError(`"${path}" is not a path in this folder.`);
    const full = resolve(this.#root, path);
    if (path.includes("\0") || isAbsolute(path) || !holds(this.#root, full)) throw refused;
    await mkdir(this.#root, { recursive: true });
    // A link inside the folder may point out of it.
    const existing = await realpath(await nearestExisting(full));
    if (!holds(await realpath(this.#root), existing)) throw refused;
    return full;
  }

  #name(full: string): string {
    return relative(this.#root, full).split(sep).join("/");
  }
}

function holds(root: string, full: string): boolean {
  return full === root || full.startsWith(root + sep);
}

async function nearestExisting(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found || dirname(path) === path ? path : nearestExisting(dirname(path));
}
