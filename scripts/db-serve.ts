// The database that Usher uses if DATABASE_URL is not set: Postgres in a separate process.
//   npm run db:serve -- [--folder .usher/database] [--port 5433]
// Prints one line, "Database ready: <url>", when clients may connect. Ends on SIGTERM and SIGINT.

import path from "node:path";
import { readArguments } from "@/scripts/command";
import { DataFolderInUseError } from "@/scripts/embedded-database/data-folder";
import { type EmbeddedDatabase, serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";

const { values } = readArguments(
  {
    options: {
      folder: { type: "string", default: ".usher/database" },
      port: { type: "string", default: "5433" },
    },
  },
  { use: "npm run db:serve [-- --folder <folder>] [-- --port <port>]" },
);
const folder = path.resolve(values.folder);
const port = Number(values.port);

let database: EmbeddedDatabase | undefined;
let stopping = false;

async function stop(): Promise<void> {
  stopping = true;
  await database?.stop();
  process.exit(0);
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);

try {
  database = await serveEmbeddedDatabase({ folder, port });
  if (stopping) await stop();
  console.log(`Database ready: ${database.url}`);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

function explain(error: unknown): string {
  if (error instanceof DataFolderInUseError) {
    return `${error.message}\nUse that one, or stop it first.`;
  }
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    return `Port ${port} on 127.0.0.1 is taken. Choose another one with --port.`;
  }
  return `The database in ${folder} could not be opened: ${String(error)}`;
}
