import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadEnvFiles } from "@/scripts/env-files.mjs";
import { demoEnvironment } from "./demo/environment.mjs";
import { withEmbeddedDatabase } from "./embedded-database/with-database";

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Runs `use` with the variables of this folder's installation: the environment's and those in `.env`, as Usher
 * reads them, or without a DATABASE_URL those of the demo in `.usher/`, serving its database meanwhile.
 */
export async function withInstallation<Result>(
  use: (variables: Variables) => Promise<Result>,
): Promise<Result> {
  await loadEnvFiles();
  const folder = path.resolve(".usher");
  const kept = path.join(folder, "demo.json");
  if (process.env.DATABASE_URL?.trim() || !existsSync(kept)) return use(process.env);
  return withEmbeddedDatabase(path.join(folder, "database"), (databaseUrl) => {
    const settings = JSON.parse(readFileSync(kept, "utf8"));
    const publicUrl = `http://localhost:${settings.ports.app}`;
    return use({ ...process.env, ...demoEnvironment(settings, publicUrl, databaseUrl) });
  });
}
