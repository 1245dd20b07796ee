import type { MigrationList, SchemaEngine, SchemasContainer } from "@prisma/schema-engine-wasm";
import { databaseProblemOf, whyUnreachable } from "@/lib/db/inspection/reach";
import { migrationsFolder, readMigrations, readSchema } from "@/scripts/migrations/migration-files";
import {
  checkDatabaseUrl,
  MigrationError,
  migrationProblem,
  whereabouts,
} from "@/scripts/migrations/migration-problem";
import { everyTable, sqlFromDatabase, withSchemaEngine } from "@/scripts/migrations/schema-engine";

/**
 * Brings a database up to date: applies each migration in `prisma/migrations` that
 * `_prisma_migrations` does not list yet, and lists it there, as `prisma migrate deploy` does.
 *
 * If another process is migrating, this waits for it: a deployment may start several at once.
 *
 * @param options.onWait called once when it waits
 * @param options.retryFailed run failed migrations again; without it a failed migration stops this.
 * @returns the names of the migrations it applied; empty if there was nothing to do.
 * @throws MigrationError if the database cannot be reached, a migration fails, or the database was
 *   created by a different text of a migration and differs because of it. A failed migration leaves nothing
 *   behind except its entry in `_prisma_migrations`.
 */
export async function applyMigrations(
  databaseUrl: string,
  options: { folder?: string; retryFailed?: boolean; onWait?: (words: string) => void } = {},
): Promise<string[]> {
  checkDatabaseUrl(databaseUrl);
  const migrations = await readMigrations(options.folder ?? migrationsFolder);
  const schema = await readSchema();
  const unfit = await whyUnreachable(databaseUrl);
  if (unfit === "schema") throw unfitProblem(unfit, databaseUrl);
  try {
    return await oneAtATime(options.onWait, databaseUrl, schema, async (engine) => {
      // One that is in use keeps working for most names: Doctor tells of it.
      if (unfit === "encoding" && !(await diagnose(engine, migrations)).hasMigrationsTable) {
        throw unfitProblem(unfit, databaseUrl);
      }
      if (options.retryFailed) await forgetFailures(engine, migrations);
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: migrations,
        filters: everyTable,
      });
      await refuseRewrittenHistory(engine, migrations, schema, databaseUrl);
      return appliedMigrationNames;
    });
  } catch (error) {
    throw await migrationProblem(error, databaseUrl);
  }
}

/** What the engine does not notice: it names the schema in its statements, and Usher's own statements do not. */
function unfitProblem(code: "schema" | "encoding", databaseUrl: string): MigrationError {
  const { finding = "", fix = "" } = databaseProblemOf(code) ?? {};
  const words = `The database at ${whereabouts(databaseUrl)} cannot be used. ${finding} ${fix}`;
  return new MigrationError(null, words);
}

/** In ms. The engine itself gives up on its lock after 10 seconds. */
const waitForOthersMs = 10 * 60_000;

async function oneAtATime<T>(
  onWait: ((words: string) => void) | undefined,
  databaseUrl: string,
  schema: SchemasContainer,
  migrate: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const giveUpAt = performance.now() + waitForOthersMs;
  for (let isTold = false; ; isTold = true) {
    try {
      return await withSchemaEngine({ databaseUrl }, schema, migrate);
    } catch (error) {
      const { message = "" } = error as { message?: string };
      if (!/advisory lock/i.test(message) || performance.now() > giveUpAt) throw error;
      if (!isTold) onWait?.("Another process migrates this database. Waiting until it is done …");
    }
  }
}

async function forgetFailures(engine: SchemaEngine, migrations: MigrationList): Promise<void> {
  const { failedMigrationNames } = await diagnose(engine, migrations);
  for (const migrationName of failedMigrationNames) {
    await engine.markMigrationRolledBack({ migrationName });
  }
}

async function refuseRewrittenHistory(
  engine: SchemaEngine,
  migrations: MigrationList,
  schema: SchemasContainer,
  databaseUrl: string,
): Promise<void> {
  const { editedMigrationNames } = await diagnose(engine, migrations);
  if (editedMigrationNames.length === 0) return;
  // A different line ending or comment is also a different text, and does no harm.
  if ((await sqlFromDatabase(engine, schema)) === null) return;
  throw new MigrationError(
    null,
    `The database at ${whereabouts(databaseUrl)} was made by another text of ` +
      `${editedMigrationNames.join(", ")} and differs for it. Start with an empty database, or go ` +
      "back to the version that made this one.",
  );
}

function diagnose(engine: SchemaEngine, migrationsList: MigrationList) {
  return engine.diagnoseMigrationHistory({
    migrationsList,
    optInToShadowDatabase: false,
    filters: everyTable,
  });
}
