import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fatalError } from "@/scripts/embedded-database/backend-messages";
import { ClientConnection } from "@/scripts/embedded-database/client-connection";
import { occupyDataFolder } from "@/scripts/embedded-database/data-folder";
import { LiveDatabase } from "@/scripts/embedded-database/live-database";
import { databasePassword, databaseUrl } from "@/scripts/embedded-database/password";

export interface EmbeddedDatabase {
  /** A connection string for any Postgres client. */
  url: string;
  port: number;
  /** Ends every connection, rolls back what was open, and closes the data folder. */
  stop(): Promise<void>;
}

/**
 * Serves Postgres from this process, on 127.0.0.1 only: PGlite behind Postgres' own protocol.
 *
 * `pglite-socket` is not used: it lets the messages of two clients interleave within one extended
 * query, so that after an error a client may read another client's rows.
 *
 * @param where `folder` keeps the data between runs, without it the data live in memory; `port` 0 picks
 *   a free one.
 * @throws DataFolderInUseError, or Node's error when the port is taken (`EADDRINUSE`).
 */
export async function serveEmbeddedDatabase(where: {
  folder?: string;
  port: number;
}): Promise<EmbeddedDatabase> {
  const password = await databasePassword(where.folder);
  const connections = new Set<ClientConnection>();
  const live = new LiveDatabase(where.folder);
  live.onDeath = (why) => {
    for (const connection of connections) connection.end(fatalError("57P02", why));
    connections.clear();
  };
  const server = createServer(async (socket) => {
    socket.on("error", () => socket.destroy());
    const opened = await live.whenOpen();
    if (opened === null) {
      socket.end(fatalError("53100", live.trouble));
      return;
    }
    const { database, turns } = opened;
    const onDeath = (reason: string) => live.died(database, reason);
    const connection = new ClientConnection(socket, database, turns, { password, onDeath });
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
  });
  // The port comes first: finding it in use must not cost an opened database.
  server.listen(where.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  let leaveFolder = async (): Promise<void> => undefined;
  try {
    if (where.folder) leaveFolder = await occupyDataFolder(where.folder, port);
    await live.open();
    return {
      url: databaseUrl(port, password),
      port,
      stop: async () => {
        server.close();
        await Promise.all([...connections].map((connection) => connection.close()));
        await live.close();
        await leaveFolder();
      },
    };
  } catch (error) {
    server.close();
    await leaveFolder();
    throw error;
  }
}
