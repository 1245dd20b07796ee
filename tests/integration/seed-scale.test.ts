import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/tests/support/postgres";

const root = path.resolve(import.meta.dirname, "../..");
const sizes = [
  ...["--servers", "12", "--assistants", "10", "--servers-per-assistant", "3"],
  ...["--tools-per-server", "4", "--people", "20", "--token-sets", "50", "--audit-events", "900"],
];

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function seedScale(...more: string[]): Promise<{ code: number; output: string }> {
  const tsx = path.join(root, "node_modules/tsx/dist/cli.mjs");
  const args = [tsx, "scripts/seed-scale.ts", ...sizes, ...more];
  const env = { ...process.env, DATABASE_URL: database.url };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, output: stderr };
  }
}

async function count(table: string, where = "true"): Promise<number> {
  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query(`SELECT count(*)::int AS n FROM "${table}" WHERE ${where}`);
  await client.end();
  return rows[0].n;
}

it("fills a database to the size its flags specify, and says how to sign in", async () => {
  const { code, output } = await seedScale();
  expect(output).toMatch(/Sign in as person-1@scale\.example/);
  expect(code).toBe(0);
  expect(await count("McpServer")).toBe(12);
  expect(await count("ToolCatalogue", `"toolCount" = 4 AND "changingToolCount" = 2`)).toBe(12);
  expect(await count("AssistantServer")).toBe(30);
  expect(await count("AssistantTool", `"acceptedFingerprint" <> repeat('0', 64)`)).toBe(9 * 3 * 4);
  expect(await count("StoredTokenSet", `"ownerKey" <> 'shared'`)).toBe(50);
  expect(await count("AuditEvent")).toBe(900);
  expect(await count("User", `"passwordHash" IS NOT NULL`)).toBe(2);
});

it("refuses a database in use, and changes nothing in it", async () => {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(
    `INSERT INTO "User" ("id", "email", "name", "updatedAt") VALUES ('a', 'a@b.example', 'Ada', now())`,
  );
  await client.end();
  const refused = await seedScale();
  expect(refused.code).toBe(2);
  expect(refused.output).toContain("is in use");
  expect(await count("User")).toBe(1);
  const added = await seedScale("--add");
  expect(added.code).toBe(0);
  expect(await count("User")).toBe(21);
});

it("names the invalid flag", async () => {
  expect(await seedScale("--people", "many")).toMatchObject({
    ...{ code: 2, output: expect.stringContaining("--people takes a whole number") },
  });
  expect((await seedScale("--token-sets", "5000")).output).toContain("accounts at most");
});
