import { readdir } from "node:fs/promises";
import path from "node:path";
import type { StdioEnv } from "@/lib/env/stdio";
import { McpServerError } from "@/lib/errors";
import { isWithin, serverFolder, serversFolder, unsafeFolder } from "./folders";
import type { Launch, StdioProgram } from "./launch";
import { handVariables } from "./launch";
import { findProgram, run } from "./programs";

/** The user in STDIO_USER as known to the machine. */
export interface OtherUser {
  /** Of setpriv, which changes to them. */
  program: string;
  uid: number;
  gid: number;
}

/**
 * Starts a program as another user, without any right to become someone else. It may read whatever that user may
 * read on this machine, and the programs of all servers run as the same user.
 */
export async function launchAsUser(
  program: StdioProgram,
  user: OtherUser,
  env: StdioEnv,
  usherFolder: string,
): Promise<Launch> {
  const search = searchPath(env, usherFolder);
  if ((await findProgram(program.command, search)) === null) {
    throw new McpServerError(
      `The command “${program.command}” of ${program.serverName} was not found on the machine that Usher runs on. Install it there for the user of STDIO_USER, or enter its whole path.`,
    );
  }
  const home = await ownFolder(program, user, env);
  const inside = handVariables(program, program.environment, {
    HOME: home,
    PATH: search.join(":"),
    TMPDIR: path.join(home, "tmp"),
  });
  // cwd is set by the user's own shell: Usher may be unable to enter their folder.
  const script = 'cd "$1" && shift && unset OLDPWD && exec "$@"';
  return {
    command: user.program,
    args: [...asUser(user), "/bin/sh", "-c", script, "sh", home, inside.command, ...inside.args],
    environment: inside.environment,
    cwd: "/",
  };
}

/** For setpriv: another user, no groups, no capability, and no program that gains rights. */
export function asUser({ uid, gid }: OtherUser): string[] {
  return [
    ...[`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--inh-caps=-all"],
    ...["--ambient-caps=-all", "--no-new-privs", "--pdeathsig=KILL", "--"],
  ];
}

/** `npm start` puts Usher's own programs first in PATH. */
function searchPath(env: Pick<StdioEnv, "path">, usherFolder: string): string[] {
  return env.path
    .split(":")
    .filter((folder) => path.isAbsolute(folder) && !isWithin(folder, usherFolder));
}

/** Created by the user themselves, as Usher may be allowed to change users and nothing else. */
async function ownFolder(program: StdioProgram, user: OtherUser, env: StdioEnv): Promise<string> {
  const folder = serversFolder(env, user.uid);
  const own = serverFolder(folder, program.serverId);
  const made = await run(user.program, [
    ...asUser(user),
    ...["/bin/sh", "-c", 'umask 077; exec mkdir -p "$1" "$2/tmp"', "sh", folder, own],
  ]);
  const problem = made.ok ? await unsafeFolder(folder, user.uid) : made.output;
  if (problem === null) return own;
  throw new McpServerError(
    `${program.serverName} has no working folder: ${problem} Let the operator look at STDIO_FOLDER.`,
  );
}

/**
 * Which of Usher's files the user could read.
 *
 * @returns paths; empty: nothing
 */
export async function readableSecrets(
  user: OtherUser,
  env: Pick<StdioEnv, "keyFiles">,
  usherFolder: string,
): Promise<string[]> {
  const entries = await readdir(/* turbopackIgnore: true */ usherFolder).catch(() => []);
  const files = [
    ...entries.filter((name) => /^\.env(?!\.example$)/.test(name)),
    ...[".usher/demo.json", ".usher/database", ".usher/database/PG_VERSION"],
  ].map((name) => path.join(usherFolder, name));
  const secrets = [...files, ...env.keyFiles];
  const script = 'for file in "$@"; do [ -r "$file" ] && printf "%s\\n" "$file"; done; true';
  const { output } = await run(user.program, [
    ...asUser(user),
    ...["/bin/sh", "-c", script, "sh", ...secrets],
  ]);
  return secrets.filter((secret) => output.split("\n").includes(secret));
}
