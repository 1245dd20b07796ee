import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@/lib/db/client";
import { type EmbeddedDatabase, serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";

describe("the embedded database, shared by the connections of a pool", () => {
  let database: EmbeddedDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await serveEmbeddedDatabase({ port: 0 });
    await applyMigrations(database.url);
    pool = new pg.Pool({ connectionString: database.url, max: 5 });
  });

  afterAll(async () => {
    await pool?.end();
    await database?.stop();
  });

  it("answers each query with its own result, even with failing and transactional ones in between", async () => {
    const wrong: unknown[] = [];
    const ask = async (client: pg.Pool | pg.PoolClient, number: number) => {
      const { rows } = await client.query("SELECT $1::int AS number", [number]);
      if (rows[0]?.number !== number) wrong.push({ number, rows });
    };
    await Promise.all(
      Array.from({ length: 300 }, async (_, number) => {
        if (number % 7 === 0) {
          await expect(pool.query("SELECT 1 / ($1::int - $1::int)", [number])).rejects.toThrow(
            "division by zero",
          );
        } else if (number % 11 === 0) {
          const client = await pool.connect();
          await client.query("BEGIN");
          await ask(client, number);
          await client.query(number % 2 ? "COMMIT" : "ROLLBACK");
          client.release();
        } else {
          await ask(pool, number);
        }
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps prepared statements with the same name apart", async () => {
    const answers = await Promise.all(
      ["one", "two", "three", "four"].map(async (text) => {
        const client = await pool.connect();
        const { rows } = await client.query({ name: "same", text: `SELECT '${text}' AS text` });
        client.release();
        return rows[0]?.text;
      }),
    );
    expect(new Set(answers)).toEqual(new Set(["one", "two", "three", "four"]));
  });

  it("rolls back the transaction of a client that disconnects, and serves the others", async () => {
    await pool.query("CREATE TABLE left_open (id int)");
    const client = new pg.Client(database.url);
    client.on("error", () => undefined);
    await client.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO left_open VALUES (1)");
    const waiting = pool.query("SELECT count(*)::int AS rows FROM left_open");
    (
      client as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
    expect((await waiting).rows).toEqual([{ rows: 0 }]);
  });

  it("carries Prisma with several connections: queries and interactive transactions at the same time", async () => {
    const prisma: Database = createDatabase(database.url, { connections: 5 });
    const windowStart = new Date();
    await prisma.rateLimit.create({ data: { key: "shared", windowStart, count: 0 } });
    await Promise.all(
      Array.from({ length: 40 }, async (_, number) => {
        if (number % 4 > 0) return prisma.rateLimit.findMany({ where: { key: "shared" } });
        return prisma.$transaction(async (transaction) => {
          const { count } = await transaction.rateLimit.findUniqueOrThrow({
            where: { key: "shared" },
          });
          await transaction.rateLimit.update({
            where: { key: "shared" },
            data: { count: count + 1 },
          });
        });
      }),
    );
    expect(await prisma.rateLimit.findUnique({ where: { key: "shared" } })).toMatchObject({
      count: 10,
    });
    await prisma.$disconnect();
  });
});

describe("a program that can connect to the embedded database's port", () => {
  it("needs the password in its address alone, and is told where that is", async () => {
    const database = await serveEmbeddedDatabase({ port: 0 });
    const { port } = database;
    const wrong = [
      `postgresql://postgres@127.0.0.1:${port}/postgres`,
      `postgresql://postgres:guess@127.0.0.1:${port}/postgres`,
      `${database.url.replace("@", "x@")}`,
    ];
    for (const url of wrong) {
      const client = new pg.Client(url);
      client.on("error", () => undefined);
      await expect(client.connect()).rejects.toMatchObject({
        code: "28P01",
        message: expect.stringContaining("npm run db:serve"),
      });
      await client.end().catch(() => undefined);
    }
    await database.stop();
  });

  it("runs nothing that it sends instead of a password", async () => {
    const database = await serveEmbeddedDatabase({ port: 0 });
    const socket = connect(database.port, "127.0.0.1");
    const startup = Buffer.from("\0\0\0\0\0\x03\0\0user\0postgres\0\0", "latin1");
    startup.writeInt32BE(startup.length, 0);
    const query = Buffer.from("Q\0\0\0\0CREATE TABLE unasked (id int)\0", "latin1");
    query.writeInt32BE(query.length - 1, 1);
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.write(Buffer.concat([startup, query, query]));
    await once(socket, "close");

    expect(answer).toContain("28P01");
    const client = new pg.Client(database.url);
    await client.connect();
    const { rows } = await client.query("SELECT to_regclass('unasked') AS found");
    expect(rows).toEqual([{ found: null }]);
    await client.end();
    await database.stop();
  });
});

describe("npm run db:serve", () => {
  let folder: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "usher-database-"));
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => end(server, "SIGKILL")));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(): Promise<{ server: ChildProcess; said: string; url: string }> {
    const args = ["--import", "tsx", "scripts/db-serve.ts", "--port", "0"];
    const server = spawn(process.execPath, [...args, "--folder", path.join(folder, "data")]);
    started.push(server);
    let said = "";
    await new Promise<void>((resolve) => {
      const listen = (bytes: Buffer) => {
        said += bytes;
        if (said.includes("Database ready")) resolve();
      };
      server.stdout.on("data", listen);
      server.stderr.on("data", listen);
      server.on("close", () => resolve());
    });
    return { server, said, url: /postgresql:\S+/.exec(said)?.[0] ?? "" };
  }

  async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    if (server.exitCode !== null || server.signalCode !== null) return server.exitCode;
    server.kill(signal);
    await once(server, "exit");
    return server.exitCode;
  }

  async function query(url: string, statement: string): Promise<unknown[]> {
    const client = new pg.Client(url);
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  it("keeps the data when it is stopped, and when it is killed", async () => {
    const first = await serve();
    await query(first.url, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
    expect(await end(first.server, "SIGTERM")).toBe(0);

    expect((await stat(path.join(folder, "data.password"))).mode & 0o077).toBe(0);
    const second = await serve();
    await query(second.url, "INSERT INTO kept VALUES (2)");
    await end(second.server, "SIGKILL");

    const third = await serve();
    expect(await query(third.url, "SELECT id FROM kept ORDER BY id")).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });

  it("refuses a folder that another process serves, and says which", async () => {
    const { server } = await serve();
    const second = await serve();
    expect(second.said).toContain(`is already served by process ${server.pid}`);
    expect(second.server.exitCode).toBe(1);
  });
});
