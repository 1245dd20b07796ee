// Brings the database up to date.
//   npm run db:migrate                      DIRECT_DATABASE_URL, otherwise DATABASE_URL, otherwise the embedded one
//   npm run db:migrate -- --retry-failed    runs a previously failed migration again

import path from "node:path";
import { explain, readArguments } from "@/scripts/command";
import { withEmbeddedDatabase } from "@/scripts/embedded-database/with-database";
import { loadEnvFiles } from "@/scripts/env-files.mjs";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { checkDatabaseUrl, whereabouts } from "@/scripts/migrations/migration-problem";

const { values } = readArguments(
  { options: { "retry-failed": { type: "boolean", default: false } } },
  { use: "npm run db:migrate [-- --retry-failed]" },
);

try {
  await loadEnvFiles();
  // A transaction pooler gives each statement another session, and migrations hold a session lock.
  const direct = process.env.DIRECT_DATABASE_URL?.trim();
  const databaseUrl = direct || process.env.DATABASE_URL?.trim();
  if (direct) checkDatabaseUrl(direct, "DIRECT_DATABASE_URL");
  if (databaseUrl) await migrate(databaseUrl);
  else await migrateEmbedded();
  process.exit(0);
} catch (error) {
  console.error(await explain(error, null));
  process.exit(1);
}

async function migrate(databaseUrl: string): Promise<void> {
  checkDatabaseUrl(databaseUrl);
  const applied = await applyMigrations(databaseUrl, {
    retryFailed: values["retry-failed"],
    onWait: (words) => console.log(words),
  });
  for (const name of applied) console.log(`Applied ${name}`);
  console.log(`The database at ${whereabouts(databaseUrl)} is up to date.`);
}

async function migrateEmbedded(): Promise<void> {
  const folder = path.resolve(".usher/database");
  await withEmbeddedDatabase(folder, (url) => {
    console.log(`DATABASE_URL is not set: using the embedded database in ${folder}`);
    return migrate(url);
  });
}
