import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { migrationNames } from "@/scripts/migrations/migration-files";
import { createTestDatabase, type TestDatabase } from "@/tests/support/postgres";

let home: TestDatabase;
let url: string;
let name: string;

/** An empty database: nothing has been migrated. */
beforeEach(async () => {
  home = await createTestDatabase();
  name = `usher_empty_${randomUUID().replaceAll("-", "")}`;
  await query(home.url, `CREATE DATABASE ${name}`);
  const empty = new URL(home.url);
  empty.pathname = name;
  url = empty.href;
});
afterEach(async () => {
  await query(home.url, `DROP DATABASE ${name} WITH (FORCE)`);
  await home.drop();
});

async function query(at: string, text: string) {
  const client = new pg.Client(at);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("migrations that several processes start at the same time", () => {
  it("wait for each other: each is applied once, and all succeed", async () => {
    const names = await migrationNames();
    const ended = await Promise.allSettled(Array.from({ length: 6 }, () => applyMigrations(url)));
    const failed = ended.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(failed).toEqual([]);
    const applied = ended.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    expect(applied.sort()).toEqual([...names].sort());
    const rows = await query(url, "SELECT migration_name FROM _prisma_migrations ORDER BY 1");
    expect(rows.map((row) => row.migration_name)).toEqual(names);
  });

  it("wait longer than the engine itself does, and report that they wait", async () => {
    const other = new pg.Client(url);
    await other.connect();
    // The engine's lock: another process migrates, slowly.
    await other.query("SELECT pg_advisory_lock(72707369)");
    const said: string[] = [];
    const migrating = applyMigrations(url, { onWait: (words) => said.push(words) });
    await new Promise((resolve) => setTimeout(resolve, 14_000));
    await other.end();
    expect((await migrating).length).toBe((await migrationNames()).length);
    expect(said[0]).toContain("Another process");
  });
});
