import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import path from "node:path";

/**
 * The file that a command means, as `execvp` finds it.
 *
 * @param search absolute folders
 * @param mayRun whether the resolved file may be run; each link is followed first
 * @returns null: none
 */
export async function findProgram(
  command: string,
  search: readonly string[],
  mayRun: (file: string) => boolean = () => true,
): Promise<string | null> {
  const candidates = path.isAbsolute(command)
    ? [command]
    : command.includes("/")
      ? []
      : search.map((folder) => path.join(folder, command));
  for (const candidate of candidates) {
    const file = await realpath(/* turbopackIgnore: true */ candidate).catch(() => null);
    if (file !== null && mayRun(file) && (await isExecutable(file))) return candidate;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(/* turbopackIgnore: true */ file, constants.X_OK);
    return (await stat(/* turbopackIgnore: true */ file)).isFile();
  } catch {
    return false;
  }
}

interface Outcome {
  ok: boolean;
  /** Its output: stdout, then stderr. */
  output: string;
}

const timeoutMs = 15_000;

/** Runs a program to its end, without a shell and without Usher's variables. Never rejects. */
export function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      /* turbopackIgnore: true */ command,
      [...args],
      { env: { ...environment } as NodeJS.ProcessEnv, cwd: "/", timeout: timeoutMs },
      (error, stdout, stderr) =>
        resolve({ ok: error === null, output: `${stdout}${stderr}`.trim() }),
    );
  });
}
