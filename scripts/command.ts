// What all commands do: read their arguments, and say what went wrong in a sentence.

import { type ParseArgsConfig, parseArgs } from "node:util";
import { databaseProblem } from "@/lib/db/inspection/reach";
import { ConfigurationError, UsherError } from "@/lib/errors";
import { EnvFileError } from "@/scripts/env-files.mjs";
import { MigrationError, whereabouts } from "@/scripts/migrations/migration-problem";

/** Ends the process with a sentence if an argument is unknown or invalid. */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
  { use, exitCode = 1 }: { use: string; exitCode?: number },
): ReturnType<typeof parseArgs<Config>> {
  // Cut off by `| head`: what the command does goes on, and only its words are lost.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.exit(exitCode);
  });
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence] = (error as Error).message.split(/(?<=\.)\s/);
    console.error(`${sentence?.replace(/\.?$/, ".")}\n\nUsage: ${use}`);
    process.exit(exitCode);
  }
}

/**
 * For the operator: no stack, and nothing of a database's message, which may quote a query's arguments.
 * @param databaseUrl null: the command had none yet
 */
export async function explain(error: unknown, databaseUrl: string | null): Promise<string> {
  if (error instanceof ConfigurationError) return error.problems.join("\n");
  if (error instanceof UsherError) return error.userMessage;
  if (error instanceof MigrationError || error instanceof EnvFileError) return error.message;
  const { code, path, syscall } = (error ?? {}) as Record<string, unknown>;
  if (typeof path === "string" && syscall !== "connect" && typeof syscall === "string") {
    if (code === "ENOENT") return `There is no file ${path}.`;
    if (code === "EISDIR") return `${path} is a folder. Name a file.`;
    return `${path} cannot be used (${code}). Check its permissions.`;
  }
  if (syscall === "read" && code === "EISDIR") return "That is a folder. Name a file.";
  if (databaseUrl === null || typeof code !== "string") return String(error);
  const where = `The database at ${whereabouts(databaseUrl)}`;
  if (["P2021", "P2022", "42P01", "42703"].includes(code)) {
    return `${where} is not up to date. Run: npm run db:migrate`;
  }
  const problem = await databaseProblem(databaseUrl);
  return problem === null
    ? `${where} did not answer as it should (${code}).`
    : `${where} cannot be used. ${problem.finding} ${problem.fix}`;
}
