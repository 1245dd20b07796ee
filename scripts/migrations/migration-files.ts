import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { MigrationList, SchemasContainer } from "@prisma/schema-engine-wasm";

const root = path.resolve(import.meta.dirname, "../..");

export const schemaFile = path.join(root, "prisma/schema.prisma");
export const migrationsFolder = path.join(root, "prisma/migrations");

/** @throws if the folder or a file in it cannot be read. */
export async function readMigrations(folder = migrationsFolder): Promise<MigrationList> {
  const lockfile = path.join(folder, "migration_lock.toml");
  return {
    baseDir: folder,
    lockfile: {
      path: "migration_lock.toml",
      content: existsSync(lockfile) ? await readFile(lockfile, "utf8") : null,
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      (await migrationNames(folder)).map(async (name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: {
            tag: "ok" as const,
            value: await readFile(path.join(folder, name, "migration.sql"), "utf8"),
          },
        },
      })),
    ),
  };
}

/** Folder names, oldest first. */
export async function migrationNames(folder = migrationsFolder): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export async function readSchema(file = schemaFile): Promise<SchemasContainer> {
  return { files: [{ path: file, content: await readFile(file, "utf8") }] };
}
