import { execFile } from "node:child_process";

export interface Outcome {
  ok: boolean;
  /** What it wrote: stdout, then stderr. */
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
