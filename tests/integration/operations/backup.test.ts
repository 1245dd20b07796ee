import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { migrationsCheck } from "@/lib/doctor/checks/database";
import { keysCheck } from "@/lib/doctor/checks/keys";
import { doctorRun } from "@/lib/doctor/run";
import { accessToken } from "@/lib/tokens/access-token";
import { serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type PostgresCluster, startPostgres } from "@/tests/support/postgres";
import { installedPrograms } from "@/tests/support/postgres-binaries";
import { type Account, connect, introspect } from "@/tests/trials/accounts";

const hour = 60 * 60_000;
const folder = mkdtempSync(path.join(tmpdir(), "usher-backup-"));
const kept = { drop: async () => {} };

let provider: AuthorizationServer;
const open: Installation[] = [];

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The commands in docs/deployment.md whose block contains this word. */
function documented(word: string): string {
  const blocks = readFileSync("docs/deployment.md", "utf8").matchAll(/```sh\n([\s\S]*?)```/g);
  const block = [...blocks].map(([, text = ""]) => text).find((text) => text.includes(word));
  if (!block) throw new Error(`docs/deployment.md has no commands with ${word}.`);
  return block;
}

async function start(url: string, clock: Clock, env: Record<string, string> = {}) {
  const { DATABASE_URL: _, ...rest } = env;
  const usher = await startInstallation({ now: clock.now, env: rest, database: { url, ...kept } });
  open.push(usher);
  return usher;
}

/** The purpose of a backup: secrets open, refreshes work, and the database still guards itself. */
async function expectWhole(usher: Installation, clock: Clock, account: Account, token: string) {
  expect(await accessToken(usher.app, account.owner)).toBe(token);
  const run = doctorRun(usher.app, { requestHeaders: null });
  expect(await keysCheck.run(run)).toMatchObject({ status: "ok" });
  expect(await migrationsCheck.run(run)).toMatchObject({ status: "ok" });

  clock.advance(hour + 60_000);
  const refreshed = await accessToken(usher.app, account.owner);
  expect(refreshed).not.toBe(token);
  expect(await introspect(provider, refreshed)).toMatchObject({ active: true });

  const { db } = usher.app;
  expect(await db.auditEvent.count()).toBeGreaterThan(0);
  await expect(db.$statement(`UPDATE "AuditEvent" SET "action" = 'x'`, [])).rejects.toThrow();
  await expect(db.$statement('DELETE FROM "AuditEvent"', [])).rejects.toThrow();
  const plain = `UPDATE "StoredTokenSet" SET "accessTokenSealed" = 'plain'`;
  await expect(db.$statement(plain, [])).rejects.toThrow();
}

const programs = installedPrograms();

describe.skipIf(!programs)("a dump of Postgres, restored into an empty database", () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgres({}, programs);
  });
  afterAll(() => cluster.stop());

  it("has everything, by the page's commands", async () => {
    const clock = new Clock();
    const source = await cluster.createDatabase();
    const usher = await start(source.url, clock);
    const account = await connect(usher, await usher.join("ADMIN"), provider);
    const token = await accessToken(usher.app, account.owner);
    const { SECRETS_ENCRYPTION_KEY = "", NEXTAUTH_SECRET = "" } = usher.env;

    const shell = (script: string, url: string) => {
      const env = {
        ...process.env,
        PATH: `${programs}:${process.env.PATH}`,
        DATABASE_URL: url,
        FOLDER: folder,
      };
      return execFileSync("bash", ["-euc", script], { env, encoding: "utf8" });
    };
    const placed = (script: string) => script.replaceAll("usher.dump", '"$FOLDER/usher.dump"');
    shell(placed(documented("pg_dump ")), source.url);

    const empty = new URL(cluster.url("restored"));
    execFileSync(path.join(programs ?? "", "createdb"), [
      ...["--host", "127.0.0.1", "--port", empty.port, "--username", "postgres", "restored"],
    ]);
    // The doctor, its last line, would need a running server; its checks are run below.
    const said = shell(placed(documented("pg_restore ")).replace("npm run doctor", ""), empty.href);
    expect(said).toContain("is up to date.");
    expect(said).not.toContain("Applied");

    const restored = await start(empty.href, clock, { SECRETS_ENCRYPTION_KEY, NEXTAUTH_SECRET });
    await expectWhole(restored, clock, account, token);
  });
});

describe("a copy of the embedded database's folder", () => {
  it("has everything, by the page's commands", async () => {
    const clock = new Clock();
    const home = path.join(folder, "home");
    mkdirSync(path.join(home, ".usher"), { recursive: true });
    const database = await serveEmbeddedDatabase({
      folder: path.join(home, ".usher/database"),
      port: 0,
    });
    await applyMigrations(database.url);
    const env = { EMBEDDED_DATABASE: "1" };
    const usher = await start(database.url, clock, env);
    const account = await connect(usher, await usher.join("ADMIN"), provider);
    const token = await accessToken(usher.app, account.owner);
    const { SECRETS_ENCRYPTION_KEY = "", NEXTAUTH_SECRET = "" } = usher.env;
    await open.pop()?.close();
    await database.stop();

    execFileSync("bash", ["-euc", documented("cp -a .usher/database")], { cwd: home });
    const elsewhere = path.join(folder, "elsewhere/.usher");
    cpSync(path.join(home, "backup"), elsewhere, { recursive: true });
    expect(existsSync(path.join(elsewhere, "database.password"))).toBe(true);

    const restored = await serveEmbeddedDatabase({
      folder: path.join(elsewhere, "database"),
      port: 0,
    });
    try {
      const keys = { SECRETS_ENCRYPTION_KEY, NEXTAUTH_SECRET };
      const again = await start(restored.url, clock, { ...env, ...keys });
      expect(await applyMigrations(restored.url)).toEqual([]);
      await expectWhole(again, clock, account, token);
      await open.pop()?.close();
    } finally {
      await restored.stop();
    }
  });
});
