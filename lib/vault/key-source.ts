import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

type Variables = Readonly<Record<string, string | undefined>>;

export type KeySource = { value: string | undefined; problem?: undefined } | { problem: string };

/** A secret store answers within this time, or the start fails with a reason. */
const commandTimeoutMs = 15_000;
const maxBytes = 64 * 1024;

/**
 * A key from `NAME` itself, from the file that `NAME_FILE` names, or from what the program in
 * `NAME_COMMAND` prints. The problem says what went wrong, never what was read.
 */
export function readKeySource(variables: Variables, name: string): KeySource {
  const given = [name, `${name}_FILE`, `${name}_COMMAND`].filter((each) => variables[each]?.trim());
  if (given.length > 1) return { problem: `${given.join(" and ")} are both set: keep one.` };
  const [source] = given;
  const setting = source && variables[source]?.trim();
  if (!setting) return { value: undefined };
  if (source === name) return { value: setting };
  return source === `${name}_FILE`
    ? readFile(source, setting)
    : readCommand(source, setting, variables);
}

function readFile(name: string, path: string): KeySource {
  try {
    return orEmpty(
      name,
      "the file is empty",
      readFileSync(/* turbopackIgnore: true */ path, "utf8"),
    );
  } catch (error) {
    return { problem: `${name}: the file cannot be read (${codeOf(error)}).` };
  }
}

/** Without a shell: the line is split at its spaces, and quotes, pipes or $ mean nothing. */
function readCommand(name: string, line: string, variables: Variables): KeySource {
  const [program = "", ...args] = line.split(/\s+/);
  try {
    const printed = execFileSync(/* turbopackIgnore: true */ program, args, {
      encoding: "utf8",
      env: { ...variables } as NodeJS.ProcessEnv,
      maxBuffer: maxBytes,
      shell: false,
      // Its stderr could quote what it read.
      stdio: ["ignore", "pipe", "ignore"],
      timeout: commandTimeoutMs,
      windowsHide: true,
    });
    return orEmpty(name, "the command printed nothing", printed);
  } catch (error) {
    return {
      problem: `${name}: the command failed (${codeOf(error)}). Run it by hand to see why.`,
    };
  }
}

function orEmpty(name: string, problem: string, text: string): KeySource {
  const value = text.trim();
  return value === "" ? { problem: `${name}: ${problem}.` } : { value };
}

function codeOf(error: unknown): string {
  const { code, status, signal } = error as { code?: unknown; status?: unknown; signal?: unknown };
  if (typeof code === "string") return code;
  if (typeof status === "number") return `exit code ${status}`;
  return typeof signal === "string" ? signal : "unknown reason";
}
