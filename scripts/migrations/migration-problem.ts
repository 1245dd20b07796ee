import {
  type DatabaseProblem,
  databaseProblem,
  databaseProblemOf,
} from "@/lib/db/inspection/reach";
import { databaseUrlProblem } from "@/lib/env/database-url";

/** What stopped a migration, in words for the operator. Never contains the connection string. */
export class MigrationError extends Error {
  /** The engine's code, such as P1001 or P3009; null if it gave none. */
  readonly code: string | null;

  constructor(code: string | null, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "MigrationError";
    this.code = code;
  }
}

/** Turns what the schema engine throws into a MigrationError. */
export async function migrationProblem(
  error: unknown,
  databaseUrl: string,
): Promise<MigrationError> {
  if (error instanceof MigrationError) return error;
  const { code = null, message = String(error) } = error as { code?: string; message?: string };
  const said = withoutTrace(message);
  if (code === "P3009") {
    return new MigrationError(
      code,
      `${failedMigration(said)} did not go through last time and left nothing behind. Fix the cause, ` +
        "then run: npm run db:migrate -- --retry-failed",
      error,
    );
  }
  if (code === "P3005") {
    return new MigrationError(
      code,
      `The database at ${whereabouts(databaseUrl)} holds tables that are not Usher's. Give Usher a ` +
        "database of its own.",
      error,
    );
  }
  if (/can't reach database server/i.test(said)) {
    return new MigrationError(
      code,
      `The database at ${whereabouts(databaseUrl)} does not answer. Start it, or correct DATABASE_URL.`,
      error,
    );
  }
  const known = rightsProblem(said) ?? (await databaseProblem(databaseUrl));
  if (known) {
    const words = `The database at ${whereabouts(databaseUrl)} cannot be used. ${known.finding} ${known.fix}`;
    return new MigrationError(code, words, error);
  }
  return new MigrationError(
    code,
    `The database at ${whereabouts(databaseUrl)} could not be brought up to date: ${said}`,
    error,
  );
}

/** @throws MigrationError unless this is a Postgres URL. */
export function checkDatabaseUrl(databaseUrl: string, name = "DATABASE_URL"): void {
  const problem = databaseUrlProblem(name, databaseUrl);
  if (problem !== null) throw new MigrationError(null, problem);
}

/** Host, port and database, without the user and the password. */
export function whereabouts(databaseUrl: string): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  const host = hostname || searchParams.get("host") || "localhost";
  return `${decodeURIComponent(host)}:${port || (searchParams.get("port") ?? "5432")}${pathname}`;
}

/** The engine gives these no code. */
function rightsProblem(said: string): DatabaseProblem | null {
  if (/permission denied|must be owner/i.test(said)) return databaseProblemOf("42501");
  return /read-only transaction/i.test(said) ? databaseProblemOf("25006") : null;
}

function failedMigration(said: string): string {
  const name = /The `([^`]+)` migration/.exec(said)?.[1];
  return name ? `Migration ${name}` : "A migration";
}

/** The engine appends its own stack, as lines such as `0: sql_schema_connector::…`. */
function withoutTrace(message: string): string {
  return (
    message
      .split(/\n\s+\d+: /)[0]
      ?.replace(/^external connector error\s+/, "")
      .trim() ?? ""
  );
}
