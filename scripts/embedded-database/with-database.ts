import { ConfigurationError } from "@/lib/errors";
import { dataFolderOccupant } from "@/scripts/embedded-database/data-folder";
import { databasePassword, databaseUrl } from "@/scripts/embedded-database/password";
import type { EmbeddedDatabase } from "@/scripts/embedded-database/serve";

/**
 * Runs `use` on a folder's database: as already served, or served for that long.
 * @throws {ConfigurationError} in a container image, which has no embedded database
 */
export async function withEmbeddedDatabase<Result>(
  folder: string,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const occupant = await dataFolderOccupant(folder);
  if (occupant) return use(databaseUrl(occupant.port, await databasePassword(folder)));
  const database = await serve(folder);
  try {
    return await use(database.url);
  } finally {
    await database.stop();
  }
}

async function serve(folder: string): Promise<EmbeddedDatabase> {
  try {
    const { serveEmbeddedDatabase } = await import("@/scripts/embedded-database/serve");
    return await serveEmbeddedDatabase({ folder, port: 0 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ConfigurationError([
      "DATABASE_URL is not set, and the embedded database is not part of this image.",
    ]);
  }
}
