import { serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { readMigrations, readSchema } from "@/scripts/migrations/migration-files";
import { everyTable, sqlFromDatabase, withSchemaEngine } from "@/scripts/migrations/schema-engine";

/**
 * The SQL that takes a database from the result of the migrations to what `prisma/schema.prisma`
 * describes; null if the two agree. Runs the migrations in a temporary database in memory.
 *
 * @param folder the migrations to start from.
 */
export async function sqlFromMigrationsToSchema(folder: string): Promise<string | null> {
  const schema = await readSchema();
  const migrations = await readMigrations(folder);
  const passing = await serveEmbeddedDatabase({ port: 0 });
  try {
    const databases = { databaseUrl: passing.url, shadowDatabaseUrl: passing.url };
    const { stdout, exitCode } = await withSchemaEngine(databases, schema, (engine) =>
      engine.diff({
        from: migrations.migrationDirectories.length
          ? { tag: "migrations", ...migrations }
          : { tag: "empty" },
        to: { tag: "schemaDatamodel", ...schema },
        script: true,
        exitCode: true,
        filters: everyTable,
      }),
    );
    return exitCode === 0 ? null : stdout;
  } finally {
    await passing.stop();
  }
}

/** The same, from an existing database. */
export async function sqlFromDatabaseToSchema(databaseUrl: string): Promise<string | null> {
  const schema = await readSchema();
  return withSchemaEngine({ databaseUrl }, schema, (engine) => sqlFromDatabase(engine, schema));
}
