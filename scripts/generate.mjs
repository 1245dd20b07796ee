// Writes the Prisma client to lib/db/generated, if prisma/schema.prisma is newer than it, and beside it the
// names of the migrations, by which the running app knows whether its database is up to date.
// Plain Node, so that it runs with only the packages installed.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const generatedClient = path.join(root, "lib/db/generated/client.ts");
const sources = ["prisma/schema.prisma", "node_modules/prisma/package.json"];

function isFresh() {
  if (!existsSync(generatedClient)) return false;
  const generatedAt = statSync(generatedClient).mtimeMs;
  return sources.every((source) => statSync(path.join(root, source)).mtimeMs < generatedAt);
}

if (process.argv.includes("--force") || !isFresh()) {
  const { status, error } = spawnSync(
    process.execPath,
    [path.join(root, "node_modules/prisma/build/index.js"), "generate", "--no-hints"],
    {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        // `prisma generate` downloads its native schema engine unless one is named, and never runs it.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: "1",
      },
    },
  );
  if (error) throw error;
  if (status !== 0) {
    console.error("The Prisma client could not be generated; see above.");
    process.exit(1);
  }
}

const namesFile = path.join(root, "lib/db/generated/migrations.ts");
const names = readdirSync(path.join(root, "prisma/migrations"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();
const text = `/** Of this version, oldest first. */\nexport const migrationNames: readonly string[] = ${JSON.stringify(names, null, 2)};\n`;
if (!existsSync(namesFile) || readFileSync(namesFile, "utf8") !== text)
  writeFileSync(namesFile, text);
