import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundledFile } from "@/tests/support/bundled-file";
import { createTestDatabase, type TestDatabase } from "@/tests/support/postgres";
import { SilentProxy } from "@/tests/support/silent-proxy";
import { temporaryFolder } from "@/tests/support/temporary-folder";

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

const fromTests = {
  PATH: process.env.PATH,
  TSX_TSCONFIG_PATH: path.resolve("tsconfig.json"),
};

/** `db:migrate` finds the migrations beside its own file, so it cannot be bundled. */
function programOf(command: string): string[] {
  return command === "db-migrate"
    ? ["--import", import.meta.resolve("tsx"), path.resolve("scripts/db-migrate.ts")]
    : [bundledFile(command)];
}

/** A command of package.json, run in its own folder. */
function run(command: string, args: string[] = [], env: Record<string, string> = {}) {
  return new Promise<{ code: number; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [...programOf(command), ...args],
      { cwd: folder, env: { ...fromTests, NODE_ENV: "production", ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, said: (stdout + stderr).trim() });
      },
    );
  });
}

const env = (url: string) => ({
  DATABASE_URL: url,
  PUBLIC_URL: "https://usher.example.com",
  SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
});

describe("arguments that a command does not have", () => {
  it.each([
    ["db-migrate", ["--retry"], "Unknown option '--retry'.", "db:migrate [-- --retry-failed]"],
    ["db-migrate", ["now"], "Unexpected argument 'now'.", "db:migrate [-- --retry-failed]"],
    ["db-serve", ["--prot", "1"], "Unknown option '--prot'.", "db:serve"],
    ["doctor", ["--jsn"], "Unknown option '--jsn'.", "doctor [-- --json]"],
    ["secrets-rotate", ["--dry-run"], "Unknown option '--dry-run'.", "secrets:rotate"],
    ["admin-reset", ["ada@example.com"], "Unexpected argument", "admin:reset -- --email <address>"],
  ])("of %s %s are named, with how to use it", async (command, args, sentence, use) => {
    const { code, said } = await run(command, args);
    expect(code).toBeGreaterThan(0);
    expect(said).not.toMatch(/^ +at /m);
    expect(said).toContain(sentence);
    expect(said).toContain(`\n\nUsage: npm run ${use}`);
  });
});

describe(".env", () => {
  it("has the same values for a command as for the app", async () => {
    const lines = [
      "\ufeffDB_HOST=127.0.0.1",
      "export DB_PORT = '1' # nothing listens there",
      "DATABASE_URL=postgresql://usher:p%24w@$DB_HOST:$DB_PORT/us\\$er",
    ];
    await writeFile(path.join(folder, ".env"), lines.join("\r\n"));
    expect((await run("db-migrate")).said).toBe(
      "The database at 127.0.0.1:1/us$er does not answer. Start it, or correct DATABASE_URL.",
    );
  });

  it("is named if it is a folder, as a container's missing file becomes one", async () => {
    await mkdir(path.join(folder, ".env"));
    for (const command of ["db-migrate", "secrets-rotate", "doctor", "admin-reset"]) {
      expect(await run(command)).toEqual({
        code: 1,
        said: ".env is a folder. Remove it, and write the variables into a file of that name.",
      });
    }
  });

  it("is named if it is saved as UTF-16, as Windows PowerShell does", async () => {
    await writeFile(path.join(folder, ".env"), Buffer.from("\ufeffPORT=1", "utf16le"));
    expect((await run("secrets-rotate")).said).toMatch(/^\.env is saved as UTF-16/);
  });

  it.skipIf(process.getuid?.() === 0)("is named if it cannot be read", async () => {
    await writeFile(path.join(folder, ".env"), "PORT=1");
    await chmod(path.join(folder, ".env"), 0);
    expect((await run("db-migrate")).said).toMatch(/^\.env cannot be read \(EACCES\)/);
  });
});

describe("a database that cannot be used", () => {
  let database: TestDatabase;
  let owner: pg.Client;
  const role = `guest_${randomBytes(4).toString("hex")}`;
  const password = `secret-${randomBytes(8).toString("hex")}`;

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = new pg.Client(database.url);
    await owner.connect();
    await owner.query(`CREATE ROLE "${role}" LOGIN PASSWORD '${password}'`);
  });
  afterAll(async () => {
    await owner.query(`DROP ROLE "${role}"`);
    await owner.end();
    await database.drop();
  });

  it.each(["admin-reset", "secrets-rotate"])(
    "and accepts connections but says nothing is told to whoever runs %s",
    async (command) => {
      const proxy = await SilentProxy.start(database.url);
      proxy.fallSilent("at_connect");
      const { code, said } = await run(command, [], env(proxy.url));
      await proxy.close();
      expect(code).toBe(1);
      expect(said).toContain(" cannot be used. It does not answer. Check that it runs");
    },
    55_000,
  );

  it("and closes each connection is told apart from a silent one", async () => {
    const nothingBehind = await SilentProxy.start("postgresql://usher:usher@127.0.0.1:1/usher");
    const { said } = await run("secrets-rotate", [], env(nothingBehind.url));
    await nothingBehind.close();
    expect(said).toContain(
      " cannot be used. It closes new connections at once. Check that Postgres",
    );
  });

  const at = (change: (url: URL) => void) => {
    const url = new URL(database.url);
    url.username = role;
    url.password = password;
    change(url);
    return url.href;
  };

  it.each([
    ["db-migrate", []],
    ["admin-reset", []],
    ["secrets-rotate", []],
    ["config", ["export"]],
    ["seed-scale", []],
  ])("is named by %s, with the reason and what to do", async (command, args) => {
    const url = at((each) => {
      each.pathname = "/not-there";
    });
    const { code, said } = await run(command, args, env(url));
    expect(code).toBe(1);
    expect(said).toBe(
      `The database at ${new URL(url).host}/not-there cannot be used. There is no database of this name. Create it, or check the name in DATABASE_URL. Then run "npm run db:migrate".`,
    );
    expect(said).not.toContain(password);
  });

  it("is named by db:migrate if its user may not create tables", async () => {
    const { code, said } = await run("db-migrate", [], env(at(() => {})));
    expect(code).toBe(1);
    expect(said).toMatch(
      /cannot be used\. Its user lacks rights\. Make the user in DATABASE_URL the owner/,
    );
    expect(said).not.toContain(password);
  });

  it("is named if it offers no encryption, without a page of warnings", async () => {
    const url = at((each) => each.searchParams.set("sslmode", "verify-full"));
    const { said } = await run("db-migrate", [], env(url));
    expect(said).toMatch(
      /^The database at .* cannot be used\. It offers no encrypted connections\./,
    );
  });
});

// nodejs/node#947
it("an output that nobody reads to its end changes nothing else", async () => {
  const program = [...programOf("doctor"), "--json"];
  const variables = {
    ...fromTests,
    NODE_ENV: "production" as const,
    ...env("postgresql://u@127.0.0.1:1/u"),
  };
  const child = spawn(process.execPath, program, { cwd: folder, env: variables });
  child.stdout.destroy();
  const said: Buffer[] = [];
  child.stderr.on("data", (bytes) => said.push(bytes));
  const [code] = await once(child, "close");
  expect([code, Buffer.concat(said).toString()]).toEqual([1, ""]);
});

describe("config", () => {
  it("names a file that is not there, or is a folder", async () => {
    await mkdir(path.join(folder, "usher.yaml"));
    const variables = env("postgresql://usher@127.0.0.1:1/usher");
    expect((await run("config", ["plan", "none.yaml"], variables)).said).toBe(
      "There is no file none.yaml.",
    );
    expect((await run("config", ["plan", "usher.yaml"], variables)).said).toBe(
      "That is a folder. Name a file.",
    );
  });
});
