// The files next to package.json that hold variables.

import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** Its message is a sentence to show. */
export class EnvFileError extends Error {}

/** Those that are read in production, the first before the second. */
export const envFiles = [".env.local", ".env"];

/**
 * Reads `.env` and the like into the environment with Next's own reader, so that a command sees the values that Usher
 * sees: Node's reader keeps `\$` and `$NAME` as they are, and takes a byte order mark for part of the first name.
 * @throws {EnvFileError}
 * @returns {Promise<void>}
 */
export async function loadEnvFiles() {
  checkEnvFiles();
  // Here, since `npm run demo` loads this file before it has installed the packages.
  const loaded = await import("@next/env");
  // tsx and Node differ in what a CommonJS package's default is.
  (loaded.default ?? loaded).loadEnvConfig(process.cwd(), false, {
    info: () => {},
    error: () => {},
  });
}

/**
 * Next would pass over such a file, and every variable would seem to be missing.
 * @throws {EnvFileError}
 */
export function checkEnvFiles() {
  for (const file of envFiles) {
    const problem = existsSync(file) ? problemOf(file) : null;
    if (problem !== null) throw new EnvFileError(problem);
  }
}

/**
 * @param {string} file
 * @returns {string | null}
 */
function problemOf(file) {
  const start = Buffer.alloc(2);
  try {
    const opened = openSync(file, "r");
    try {
      readSync(opened, start, 0, 2, 0);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    return error.code === "EISDIR"
      ? `${file} is a folder. Remove it, and write the variables into a file of that name.`
      : `${file} cannot be read (${error.code}). Let Usher's user read it.`;
  }
  const mark = start.toString("hex");
  return mark === "fffe" || mark === "feff"
    ? `${file} is saved as UTF-16, which Usher cannot read. Save it as UTF-8.`
    : null;
}
