import { closeSync, existsSync, openSync, readSync } from "node:fs";
import nextEnv from "@next/env";
import { ConfigurationError } from "@/lib/errors";

/**
 * Reads `.env` and the like into the environment with Next's own reader, so that a command sees the values that Usher
 * sees: Node's reader keeps `\$` and `$NAME` as they are, and takes a byte order mark for part of the first name.
 * @throws ConfigurationError a file that cannot be read, which Next would pass over
 */
export function loadEnvFiles(): void {
  const problems = [".env.local", ".env"].flatMap((file) =>
    existsSync(file) ? (unreadable(file) ?? []) : [],
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
  nextEnv.loadEnvConfig(process.cwd(), false, { info: () => {}, error: () => {} });
}

function unreadable(file: string): string | null {
  const start = Buffer.alloc(2);
  try {
    const opened = openSync(file, "r");
    try {
      readSync(opened, start, 0, 2, 0);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EISDIR"
      ? `${file} is a folder. Remove it, and write the variables into a file of that name.`
      : `${file} cannot be read (${code}). Let Usher's user read it.`;
  }
  const mark = start.toString("hex");
  return mark === "fffe" || mark === "feff"
    ? `${file} is saved as UTF-16, which nothing here reads. Save it as UTF-8.`
    : null;
}
