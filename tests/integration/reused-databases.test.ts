import pg from "pg";
import { describe, expect, it } from "vitest";
import { createTestDatabase, dumpDatabase } from "@/tests/support/postgres";
import { connected } from "@/tests/support/reused-databases";

const addRows = `
  INSERT INTO "User" ("id", "email", "name", "role", "updatedAt")
    VALUES ('ada', 'ada@example.com', 'Ada', 'ADMIN', now());
  INSERT INTO "AuditEvent" ("id", "action", "actorEmail") VALUES ('event', 'sign-in', 'ada')`;

const query = (url: string, text: string) => connected(url, (client) => client.query(text));

describe("a database left by a test", () => {
  it("is empty for the next one, including the audit, and keeps its migrations", async () => {
    const left = await createTestDatabase();
    const empty = await dumpDatabase(left.url);
    await query(left.url, addRows);
    await left.drop();
    const next = await createTestDatabase();
    expect(await dumpDatabase(next.url)).toBe(empty);
    expect(empty).toContain("_prisma_migrations.checksum");
    await next.drop();
  });

  it("cannot be reached by anything that test forgot to end", async () => {
    const left = await createTestDatabase();
    const forgotten = new pg.Client(left.url);
    const codes: unknown[] = [];
    forgotten.on("error", (error) => codes.push((error as pg.DatabaseError).code));
    await forgotten.connect();
    await left.drop();
    await expect.poll(() => codes).toContain("57P01");
    await expect(query(left.url, "SELECT 1")).rejects.toMatchObject({ code: "3D000" });
  });

  it("is not reused after it was dropped a second time", async () => {
    const left = await createTestDatabase();
    await left.drop();
    await left.drop();
    const [one, other] = [await createTestDatabase(), await createTestDatabase()];
    expect(one.url).not.toBe(other.url);
    await one.drop();
    await other.drop();
  });

  it.each([
    ["a column", `ALTER TABLE "User" ADD COLUMN "later" text`],
    ["one table fewer", `DROP TABLE "_prisma_migrations"`],
    [
      "one trigger fewer",
      `DROP TRIGGER IF EXISTS "AuditEvent_append_only" ON "AuditEvent"; ALTER TABLE "AuditEvent" DISABLE TRIGGER ALL`,
    ],
    ["a right", `GRANT SELECT ON "User" TO PUBLIC`],
    ["statistics", `${addRows}; ANALYZE "User"`],
    ["another migration", `UPDATE "_prisma_migrations" SET "checksum" = 'changed'`],
    [
      "a setting",
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 65', current_database()); END $$`,
    ],
    [
      "a large table",
      `INSERT INTO "RateLimit" SELECT 'k' || n, now(), 1 FROM generate_series(1, 30000) n`,
    ],
  ])("is discarded if it has %s", async (_, change) => {
    const left = await createTestDatabase();
    const oid = await oidOf(left.url);
    await query(left.url, change);
    await left.drop();
    const next = await createTestDatabase();
    expect(await oidOf(next.url)).not.toBe(oid);
    await next.drop();
  });
});

async function oidOf(url: string): Promise<number> {
  const { rows } = await query(
    url,
    "SELECT oid FROM pg_database WHERE datname = current_database()",
  );
  return rows[0].oid;
}
