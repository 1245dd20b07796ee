import { randomBytes } from "node:crypto";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { GET as readyRoute } from "@/app/api/health/ready/route";
import { GET as serversRoute } from "@/app/api/mcp-servers/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { createApp } from "@/lib/app";
import type { AppContext } from "@/lib/app/context";
import { installApp } from "@/lib/app/current";
import { boot } from "@/lib/boot";
import { databaseCheck } from "@/lib/doctor/checks/database";
import { databaseRun } from "@/lib/doctor/run";
import { readEnv } from "@/lib/env";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const toClose = closedAfterEach();
let usher: Installation;
let admin: Visitor;

async function start(): Promise<void> {
  usher = await startInstallation();
  toClose.push(() => usher.close());
  admin = await usher.join("ADMIN");
}

/** The same database for a session that starts with these settings, as `ALTER ROLE … SET` gives them. */
function withSettings(...settings: string[]): string {
  const url = new URL(usher.database.url);
  url.searchParams.set("options", settings.map((each) => `-c ${each}`).join(" "));
  return url.href;
}

function processAt(databaseUrl: string): AppContext {
  const app = createApp(readEnv({ ...usher.env, DATABASE_URL: databaseUrl }));
  toClose.push(() => app.db.$disconnect());
  installApp(app);
  return app;
}

function serving(databaseUrl: string): void {
  processAt(databaseUrl).startup.isDone = true;
}

function examine(databaseUrl: string) {
  const { db } = processAt(databaseUrl);
  const asked = { db, databaseUrl, embeddedDatabase: false, databasePoolSize: 2 };
  return databaseCheck.run(databaseRun({ ...asked, now: () => new Date() }));
}

const list = () => admin.visit(serversRoute, { path: "/api/mcp-servers" });
const ready = async () => (await admin.visit(readyRoute, { path: "/api/health/ready" })).json();

describe("a database with its own settings", () => {
  it.each(["German", "SQL,DMY", "Postgres", "ISO,DMY"])(
    "keeps people signed in, whatever its DateStyle (%s)",
    async (style) => {
      await start();
      serving(
        withSettings(`datestyle=${style}`, "timezone=Asia/Kolkata", "intervalstyle=iso_8601"),
      );
      expect((await list()).status).toBe(200);
    },
  );

  it("whose search_path begins elsewhere is named at a start, by db:migrate and by the doctor", async () => {
    await start();
    const url = withSettings("search_path=elsewhere");
    const words = /search_path.*SET search_path = public/s;
    await expect(boot(processAt(url))).rejects.toMatchObject({
      code: "configuration",
      userMessage: expect.stringMatching(words),
    });
    await expect(applyMigrations(url)).rejects.toThrow(words);
    const { status, finding, fix } = await examine(url);
    expect([status, `${finding} ${fix}`]).toEqual(["failed", expect.stringMatching(words)]);
  });

  it.each(["SQL_ASCII", "LATIN1"])("that is not in UTF-8 (%s) is not filled", async (encoding) => {
    await start();
    const name = `plain_${randomBytes(4).toString("hex")}`;
    const owner = new pg.Client(usher.database.url);
    await owner.connect();
    toClose.push(async () => {
      await owner.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await owner.end();
    });
    await owner.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    const url = new URL(usher.database.url);
    url.pathname = `/${name}`;
    await expect(applyMigrations(url.href)).rejects.toThrow(
      /cannot be used\. Its encoding is not UTF8.*CREATE DATABASE … ENCODING 'UTF8'/,
    );
    expect(await examine(url.href)).toMatchObject({
      status: "failed",
      finding: expect.stringContaining("Its encoding is not UTF8"),
    });
  });
});

describe("a database that refuses Usher while it runs", () => {
  it.each([
    ["the user", (url: URL) => Object.assign(url, { username: "nobody_of_this_name" })],
    ["the database's name", (url: URL) => Object.assign(url, { pathname: "/not_there" })],
  ])("because of %s is not called a fault of Usher's, or away", async (_, change) => {
    await start();
    serving(change(new URL(usher.database.url)).href);
    const refused = await list();
    expect(refused.status).toBe(503);
    expect((await refused.json()).error.message).toBe(
      "The database refuses Usher. Tell whoever runs this Usher: Doctor and the log say why.",
    );
    expect(await ready()).toEqual({
      ...{ ok: false, reason: "database" },
      message: "The database refuses Usher. The log says why.",
    });
  });

  // As after a failover: lidofinance/lido-keys-api#268, brettwooldridge/HikariCP#1802.
  it("every change because it is read-only says so, and still shows what is stored", async () => {
    await start();
    serving(withSettings("default_transaction_read_only=on"));
    expect((await list()).status).toBe(200);
    const path = "/api/people/invitations";
    const refused = await admin.visit(inviteRoute, {
      path,
      json: { email: "ada@example.com", role: "MEMBER" },
    });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect((await refused.json()).error.message).toMatch(
      /^The database is read-only right now, so nothing was saved\. Try again in a moment\./,
    );
  });
});
