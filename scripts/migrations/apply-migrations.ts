import type { MigrationList, SchemaEngine, SchemasContainer } from "@prisma/schema-engine-wasm";
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
 * @param options.retryFailed run again what failed before; without it a failed migration stops this.
 * @returns the names of the migrations it applied; empty when there was nothing to do.
 * @throws MigrationError when the database cannot be reached, a migration fails, or the database was
 *   made by another text of a migration and differs for it. A migration that fails leaves nothing
 *   behind but its entry in `_prisma_migrations`.
 */
export async function applyMigrations(
  databaseUrl: string,
  options: { folder?: string; retryFailed?: boolean } = {},
): Promise<string[]> {
  checkDatabaseUrl(databaseUrl);
  const migrations = await readMigrations(options.folder ?? migrationsFolder);
  const schema = await readSchema();
  try {
    return await withSchemaEngine({ databaseUrl }, schema, async (engine) => {
      if (options.retryFailed) await forgetFailures(engine, migrations);
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: migrations,
        filters: everyTable,
      });
      await refuseRewrittenHistory(engine, migrations, schema, databaseUrl);
      return appliedMigrationNames;
    });
  } catch (error) {
    throw migrationProblem(error, databaseUrl);
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
  // Another line ending or comment is another text too, and does no harm.
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
