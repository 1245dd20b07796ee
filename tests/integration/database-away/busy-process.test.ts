import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@/lib/db/client";
import { createTestDatabase, type TestDatabase } from "@/tests/support/postgres";

/** Longer than a connection or a statement may take. */
const longMs = 3_800;

/** As a process that loads its code on a busy machine: nothing is read in the meantime. */
function blockFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

let database: TestDatabase;
let db: Database;

beforeEach(async () => {
  database = await createTestDatabase();
  db = createDatabase(database.url, { connections: 1 });
});
afterEach(async () => {
  await db.$disconnect();
  await database.drop();
});

describe("a process that is too busy to read what the database answers", () => {
  it("does not take a new connection for one that failed", async () => {
    const asked = db.$statement("SELECT 1 AS one", []);
    // Until the connection has been requested.
    await Promise.resolve();
    blockFor(longMs);
    await expect(asked).resolves.toMatchObject({ rows: [{ one: 1 }] });
    expect(db.$isAway()).toBe(false);
  });

  it("does not cancel a statement that was answered, or the next one", async () => {
    await db.$statement("SELECT 1", []);
    const asked = db.$statement("SELECT 1 AS one", []);
    await new Promise((resolve) => setImmediate(resolve));
    blockFor(longMs);
    await expect(asked).resolves.toMatchObject({ rows: [{ one: 1 }] });
    const next = db.$statement("SELECT 2 AS two FROM pg_sleep(0.5)", []);
    await expect(next).resolves.toMatchObject({ rows: [{ two: 2 }] });
  });
});
