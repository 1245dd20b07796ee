import { dataFolderOccupant } from "@/scripts/embedded-database/data-folder";
import { databasePassword, databaseUrl } from "@/scripts/embedded-database/password";
import { serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";

/** Runs `use` on a folder's database: as already served, or served for that long. */
export async function withEmbeddedDatabase<Result>(
  folder: string,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const occupant = await dataFolderOccupant(folder);
  if (occupant) return use(databaseUrl(occupant.port, await databasePassword(folder)));
  const database = await serveEmbeddedDatabase({ folder, port: 0 });
  try {
    return await use(database.url);
  } finally {
    await database.stop();
  }
}
