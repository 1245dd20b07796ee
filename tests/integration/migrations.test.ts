import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedDatabase, serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { sqlFromDatabaseToSchema } from "@/scripts/migrations/compare-schema";
import { migrationNames, migrationsFolder } from "@/scripts/migrations/migration-files";
import { createTestDatabase, dumpDatabase, type TestDatabase } from "@/tests/support/postgres";

const sealed = "v1.key.c2FsdA.aXY.Y2lwaGVydGV4dA";

describe.each(["Postgres", "the embedded database"])("migrations on %s", (kind) => {
  let database: TestDatabase | EmbeddedDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    if (kind === "Postgres") {
      database = await createTestDatabase();
    } else {
      database = await serveEmbeddedDatabase({ port: 0 });
      await applyMigrations(database.url);
    }
    client = new pg.Client(database.url);
    await client.connect();
  });

  afterAll(async () => {
    await client?.end();
    if (!database) return;
    await ("drop" in database ? database.drop() : database.stop());
  });

  it("produce exactly what prisma/schema.prisma describes", async () => {
    expect(await sqlFromDatabaseToSchema(database.url)).toBeNull();
  });

  it("are listed as prisma migrate deploy lists them, and applied once", async () => {
    const { rows } = await client.query(
      "SELECT migration_name, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY 1",
    );
    expect(rows).toEqual(
      (await migrationNames()).map((name) => ({ migration_name: name, finished: true })),
    );
    expect(await applyMigrations(database.url)).toEqual([]);
  });

  it("refuse a secret that is not sealed", async () => {
    const insert =
      'INSERT INTO "McpServer" (id, name, transport, url, "headersSealed", "updatedAt") ' +
      "VALUES ($1, $1, 'STREAMABLE_HTTP', 'https://mcp.example', $2, now())";
    await expect(client.query(insert, ["plain", "Bearer abc"])).rejects.toThrow(
      "McpServer_headersSealed_is_sealed",
    );
    await expect(client.query(insert, ["jwt", "v1.eyJhbGciOi.J9"])).rejects.toThrow("is_sealed");
    await client.query(insert, ["sealed", sealed]);
    await client.query(insert, ["without", null]);
  });

  it("have a check for every sealed column", async () => {
    const schema = await readFile(path.join(migrationsFolder, "../schema.prisma"), "utf8");
    const columns = [...schema.matchAll(/^\s+(\w+Sealed)\s/gm)].map(([, column]) => column);
    const { rows } = await client.query(
      "SELECT conname FROM pg_constraint WHERE conname LIKE '%_is_sealed'",
    );
    const checked = rows.map(({ conname }) => conname.split("_")[1]);
    expect(checked.sort()).toEqual(columns.sort());
  });

  it("refuse a server without what its transport connects with", async () => {
    const insert =
      'INSERT INTO "McpServer" (id, name, transport, url, command, authentication, "updatedAt") ' +
      "VALUES ($1, $1, $2, $3, $4, $5, now())";
    const refused: [string, ...unknown[]][] = [
      ["transport_has_its_address", "a", "STDIO", null, null, "NONE"],
      ["transport_has_its_address", "b", "SSE", null, "node", "NONE"],
      ["stdio_without_oauth", "c", "STDIO", null, "node", "OAUTH"],
      ["url_is_http", "d", "SSE", "javascript:alert(1)", null, "NONE"],
    ];
    for (const [constraint, ...values] of refused) {
      await expect(client.query(insert, values)).rejects.toThrow(constraint);
    }
    await client.query(insert, ["e", "STDIO", null, "node", "NONE"]);
  });

  it("refuse to change or delete an audit event", async () => {
    await client.query(`INSERT INTO "AuditEvent" (id, action) VALUES ('1', 'server.created')`);
    for (const change of [
      `UPDATE "AuditEvent" SET action = 'nothing'`,
      'DELETE FROM "AuditEvent"',
      'TRUNCATE "AuditEvent"',
    ]) {
      await expect(client.query(change)).rejects.toThrow(
        `AuditEvent is append-only: ${change.split(" ")[0]} is refused`,
      );
    }
    expect(await dumpDatabase(database.url)).toContain(
      'public."AuditEvent".action: server.created',
    );
  });

  it("let a person be erased from an event, and refuse any other change to it", async () => {
    await client.query(
      `INSERT INTO "AuditEvent" (id, action, "actorEmail", details)
       VALUES ('2', 'tool.call', 'ada@example.com', '{"outcome": "failed", "account": "ada"}')`,
    );
    const change = (set: string) =>
      client.query(`
        BEGIN; SELECT set_config('usher.erases_person', 'on', true);
        UPDATE "AuditEvent" SET ${set} WHERE id = '2'; COMMIT`);
    for (const rewritten of [
      `action = 'nothing'`,
      `"actorEmail" = 'somebody.else@example.com'`,
      `"actorId" = 'somebody'`,
      `at = now() - interval '1 day'`,
      `"ipAddress" = '192.0.2.1'`,
      `details = '{"outcome": "succeeded", "account": "ada"}'`,
      `details = '{"account": "ada"}'`,
    ]) {
      await expect(change(rewritten)).rejects.toThrow("UPDATE is refused");
      await client.query("ROLLBACK");
    }
    const gone = "Deleted person 0123";
    await change(`"actorEmail" = '${gone}', details = details || '{"account": "${gone}"}'`);
    expect(
      (await client.query(`SELECT "actorEmail", details FROM "AuditEvent" WHERE id = '2'`)).rows,
    ).toEqual([{ actorEmail: gone, details: { outcome: "failed", account: gone } }]);
    await expect(client.query(`UPDATE "AuditEvent" SET "actorEmail" = 'x'`)).rejects.toThrow(
      "UPDATE is refused",
    );
  });
});

describe("applying migrations", () => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), "usher-migrations-"));
    await writeFile(path.join(folder, "migration_lock.toml"), 'provider = "postgresql"\n');
    for (const name of await migrationNames()) {
      await addMigration(
        name,
        await readFile(path.join(migrationsFolder, name, "migration.sql"), "utf8"),
      );
    }
  });

  afterAll(async () => {
    await database?.drop();
    if (folder) await rm(folder, { recursive: true });
  });

  async function addMigration(name: string, sql: string): Promise<void> {
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, "migration.sql"), sql);
  }

  it("leaves nothing of a migration that fails, says what failed, and continues once it is fixed", async () => {
    const name = "29990101000000_colour";
    await addMigration(name, "CREATE TABLE colour (name text); CREATE TABLE colour (name text);");
    await expect(applyMigrations(database.url, { folder })).rejects.toThrow(
      'relation "colour" already exists',
    );
    await addMigration(name, "CREATE TABLE colour (name text);");
    await expect(applyMigrations(database.url, { folder })).rejects.toThrow(
      `Migration ${name} did not go through last time`,
    );
    expect(await applyMigrations(database.url, { folder, retryFailed: true })).toEqual([name]);
  });

  it("says which database does not answer, without its password", async () => {
    const error = await applyMigrations("postgresql://usher:hunter2@127.0.0.1:1/usher").catch(
      String,
    );
    expect(error).toContain("The database at 127.0.0.1:1/usher does not answer.");
    expect(error).not.toContain("hunter2");
  });

  it("refuses a database that an earlier text of a migration created differently", async () => {
    const old = await createTestDatabase();
    const client = new pg.Client(old.url);
    await client.connect();
    const edit = "UPDATE _prisma_migrations SET checksum = 'of an earlier text'";
    await client.query(edit);
    expect(await applyMigrations(old.url)).toEqual([]);
    await client.query('ALTER TABLE "Assistant" DROP COLUMN "instructions"');
    await client.end();
    await expect(applyMigrations(old.url)).rejects.toThrow("was made by another text of");
    await old.drop();
  });

  it("does not touch a database that contains another application's tables", async () => {
    const other = await createTestDatabase();
    const client = new pg.Client(other.url);
    await client.connect();
    await client.query('DROP TABLE "_prisma_migrations"');
    await client.end();
    await expect(applyMigrations(other.url)).rejects.toThrow("tables that are not Usher's");
    await other.drop();
  });

  it("refuses a URL that is not for Postgres", async () => {
    await expect(applyMigrations("mysql://127.0.0.1/usher")).rejects.toThrow(
      "DATABASE_URL must start with",
    );
  });
});
