// Writes the migration that takes the database from the existing migrations to prisma/schema.prisma.
//   npm run db:new-migration -- add-colour
//   npm run db:new-migration -- init --replace   writes the first migration again; only while no
//                                                release has shipped it.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { sqlFromMigrationsToSchema } from "@/scripts/migrations/compare-schema";
import { migrationNames, migrationsFolder } from "@/scripts/migrations/migration-files";

const constraintsFile = path.join(import.meta.dirname, "../prisma/constraints.sql");
const lockfile = path.join(migrationsFolder, "migration_lock.toml");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { replace: { type: "boolean", default: false } },
});
const name = positionals[0]?.replace(/[^a-z0-9]+/gi, "_").toLowerCase();
if (!name) {
  console.error("Give the migration a name: npm run db:new-migration -- add-colour");
  process.exit(1);
}

await mkdir(migrationsFolder, { recursive: true });
await writeFile(lockfile, 'provider = "postgresql"\n');
console.log(values.replace ? await replaceFirst(name) : await writeNext(name));

async function replaceFirst(name: string): Promise<string> {
  const existing = await migrationNames();
  if (existing.length > 1 || (existing[0] && !existing[0].endsWith(`_${name}`))) {
    throw new Error(
      `--replace rewrites the only migration, but there are several: ${existing.join(", ")}`,
    );
  }
  if (existing[0]) await rm(path.join(migrationsFolder, existing[0]), { recursive: true });
  return write(existing[0] ?? `${timestamp()}_${name}`, await difference(), await constraints());
}

async function writeNext(name: string): Promise<string> {
  const isFirst = (await migrationNames()).length === 0;
  const sql = await difference();
  if (!sql) return "The migrations and prisma/schema.prisma agree: there is nothing to write.";
  return write(`${timestamp()}_${name}`, sql, isFirst ? await constraints() : "");
}

async function write(folder: string, ...parts: (string | null)[]): Promise<string> {
  const file = path.join(migrationsFolder, folder, "migration.sql");
  await mkdir(path.dirname(file));
  await writeFile(file, `${parts.filter(Boolean).join("\n\n").trim()}\n`);
  return `Wrote ${path.relative(process.cwd(), file)}. Read it before you commit it.`;
}

async function difference(): Promise<string | null> {
  return (await sqlFromMigrationsToSchema(migrationsFolder))?.trim() ?? null;
}

function constraints(): Promise<string> {
  return readFile(constraintsFile, "utf8");
}

/** UTC, as in 20260131120000. */
function timestamp(): string {
  return new Date().toISOString().replace(/\D/g, "").slice(0, 14);
}
