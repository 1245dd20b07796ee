import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GET as liveRoute } from "@/app/api/health/live/route";
import { GET as readyRoute } from "@/app/api/health/ready/route";
import { GET as listRoute } from "@/app/api/mcp-servers/route";
import { GET as peopleRoute } from "@/app/api/people/route";
import { createApp } from "@/lib/app";
import type { AppContext } from "@/lib/app/context";
import { installApp } from "@/lib/app/current";
import { boot } from "@/lib/boot";
import { readEnv } from "@/lib/env";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { SilentProxy } from "@/tests/support/silent-proxy";
import { startStopwatch } from "@/tests/support/stopwatch";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let proxy: SilentProxy;
let admin: Visitor;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  proxy = await SilentProxy.start(usher.database.url);
});
afterEach(async () => {
  await proxy.close();
  await usher.close();
});

/** A new process of the same installation that has not started to serve. */
function newProcess(databaseUrl: string, env: Record<string, string> = {}): AppContext {
  const app = createApp(readEnv({ ...usher.env, ...env, DATABASE_URL: databaseUrl }));
  installApp(app);
  return app;
}

async function health() {
  const live = await admin.visit(liveRoute, { path: "/api/health/live" });
  const ready = await admin.visit(readyRoute, { path: "/api/health/ready" });
  return { live: live.status, ready: ready.status, said: await ready.json() };
}

describe("a process that starts before its database", () => {
  it("is live but not ready, answers everything with 503, and starts once the database is available", async () => {
    proxy.fallSilent("at_connect");
    const app = newProcess(proxy.url);
    await expect(boot(app)).rejects.toMatchObject({ code: "try_later" });
    expect(await health()).toMatchObject({
      ...{ live: 200, ready: 503 },
      said: { ok: false, reason: "starting" },
    });
    const refused = await admin.visit(listRoute, { path: "/api/mcp-servers" });
    expect(refused.status).toBe(503);
    expect((await refused.json()).error.message).toContain("Try again");

    proxy.comeBack("cut");
    await vi.waitFor(() => boot(app), { timeout: 60_000, interval: 200 });
    expect(await health()).toMatchObject({ live: 200, ready: 200 });
    expect((await admin.visit(listRoute, { path: "/api/mcp-servers" })).status).toBe(200);
    await app.db.$disconnect();
  });

  it("reads and seals nothing until its key was compared with the database", async () => {
    const app = newProcess(usher.database.url, {
      SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    });
    expect((await admin.visit(listRoute, { path: "/api/mcp-servers" })).status).toBe(503);
    expect((await admin.visit(peopleRoute, { path: "/api/people" })).status).toBe(503);
    await expect(boot(app)).rejects.toMatchObject({ code: "configuration" });
    expect((await admin.visit(listRoute, { path: "/api/mcp-servers" })).status).toBe(503);
    await app.db.$disconnect();
  });

  const elsewhere = (change: (url: URL) => void) => {
    const url = new URL(usher.database.url);
    change(url);
    return url.href;
  };

  it("waits for a server that is not listening, for a database that does not exist, and for its tables", async () => {
    const nobody = createServer().listen(0, "127.0.0.1");
    await once(nobody, "listening");
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    const places = {
      "does not answer": elsewhere((url) => {
        url.port = String(port);
      }),
      "no-such-host.invalid does not answer": elsewhere((url) => {
        url.hostname = "no-such-host.invalid";
      }),
      "does not exist": elsewhere((url) => {
        url.pathname = "not_there";
      }),
      "db:migrate": elsewhere((url) => {
        url.pathname = "postgres";
      }),
    };
    for (const [words, url] of Object.entries(places)) {
      const app = newProcess(url);
      await expect(boot(app)).rejects.toMatchObject({
        code: "try_later",
        userMessage: expect.stringContaining(words.replace("no-such-host.invalid ", "")),
      });
      await app.db.$disconnect();
    }
  });
});

describe("a process that starts after an update", () => {
  const newest = `(SELECT max(migration_name) FROM _prisma_migrations)`;
  const run = (sql: string) => usher.app.db.$executeRawUnsafe(sql);

  it.each([
    ["that did not go through", "finished_at = NULL", "did not go through"],
    ["that is still missing", "rolled_back_at = now()", "1 migration of this version is missing"],
  ])("waits for a migration %s, and says so", async (_, change, words) => {
    await run(`UPDATE _prisma_migrations SET ${change} WHERE migration_name = ${newest}`);
    const app = newProcess(usher.database.url);
    try {
      await expect(boot(app)).rejects.toMatchObject({
        code: "try_later",
        userMessage: expect.stringMatching(`${words}.*Run "npm run db:migrate"`),
      });
      expect(await health()).toMatchObject({ live: 200, ready: 503, said: { reason: "starting" } });
    } finally {
      await run("UPDATE _prisma_migrations SET finished_at = now(), rolled_back_at = NULL");
    }
    await boot(app);
    expect(await health()).toMatchObject({ ready: 200 });
    await app.db.$disconnect();
  });

  // metabase/metabase#14904: an older version over a newer database behaved oddly, without a word.
  it("starts on a database that a newer version has migrated already, and says so in the log", async () => {
    await run(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('n', 'n', '29990101000000_newer', now())`,
    );
    const app = newProcess(usher.database.url);
    const warn = vi.spyOn(app.log, "warn");
    try {
      await boot(app);
      expect(warn.mock.calls).toEqual([
        [
          { migrations: ["29990101000000_newer"] },
          "the database is newer than this version of Usher",
        ],
      ]);
    } finally {
      await run("DELETE FROM _prisma_migrations WHERE id = 'n'");
      await app.db.$disconnect();
    }
  });
});

describe("readiness", () => {
  it("is lost within two seconds when the database goes silent, at once later, and returns", async () => {
    const app = newProcess(proxy.url);
    await boot(app);
    proxy.fallSilent("before_the_answer");
    const asked = admin.visit(listRoute, { path: "/api/mcp-servers" });
    await asked;
    const elapsed = startStopwatch();
    expect(await health()).toMatchObject({ live: 200, ready: 503, said: { reason: "database" } });
    expect(elapsed()).toBeLessThan(500);
    proxy.comeBack("late");
    await vi.waitFor(async () => expect(await health()).toMatchObject({ ready: 200 }), {
      timeout: 60_000,
      interval: 50,
    });
    await app.db.$disconnect();
  });
});
