import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GET as cronRoute } from "@/app/api/cron/refresh-tokens/route";
import { GET as readyRoute } from "@/app/api/health/ready/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/mcp-servers/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { accessToken } from "@/lib/tokens/access-token";
import { until } from "@/tests/support/chat-fixture";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from "@/tests/support/pgbouncer";
import { createTestDatabase, type TestDatabase } from "@/tests/support/postgres";
import { nowhere, serverInput } from "@/tests/support/server-input";
import { startStopwatch } from "@/tests/support/stopwatch";
import { connect, connectMany, repeatedPosts } from "@/tests/trials/accounts";

const hour = 60 * 60_000;
const program = pgbouncerProgram() ?? "";

let provider: AuthorizationServer;
let usher: Installation;
let direct: TestDatabase;
let pooler: Pgbouncer;
let clock: Clock;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
});
afterAll(() => provider.close());
afterEach(async () => {
  await usher.close();
});

async function start(): Promise<void> {
  clock = new Clock();
  direct = await createTestDatabase();
  pooler = await startPgbouncer(program, direct.url);
  const drop = async () => {
    await pooler.stop();
    await direct.drop();
  };
  usher = await startInstallation({ now: clock.now, database: { url: pooler.url, drop } });
}

describe.skipIf(program === "")("through pgbouncer in transaction mode", () => {
  it("accounts are connected, refreshed by callers and by sweeps, and none is lost", async () => {
    await start();
    const admin = await usher.join("ADMIN");
    const accounts = await connectMany(12, () => connect(usher, admin, provider));
    for (let round = 0; round < 3; round++) {
      clock.advance(hour + 60_000);
      const calls = accounts.flatMap(({ owner }) => [owner, owner, owner]);
      const tokens = await Promise.all(calls.map((owner) => accessToken(usher.app, owner)));
      expect(new Set(tokens).size).toBe(accounts.length);
    }
    clock.advance(hour - 5 * 60_000);
    const headers = { authorization: `Bearer ${usher.env.CRON_SECRET}` };
    const swept = await admin.visit(cronRoute, { path: "/api/cron/refresh-tokens", headers });
    expect(await swept.json()).toEqual({ refreshed: 12, failed: 0, deferred: 0, remaining: 0 });
    expect(accounts.flatMap(repeatedPosts)).toEqual([]);
    expect((await admin.visit(readyRoute, { path: "/api/health/ready" })).status).toBe(200);
  });

  it("many callers save and read at the same time, over three sessions", async () => {
    await start();
    const admin = await usher.join("ADMIN");
    const path = "/api/mcp-servers";
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        n % 2
          ? admin.visit(listRoute, { path })
          : admin.visit(createRoute, { path, json: serverInput({ name: `S ${n}`, url: nowhere }) }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    expect(await usher.app.db.mcpServer.count()).toBe(30);
  });

  it("a statement that waits for a lock keeps its caller for at most five seconds, and no one after it", async () => {
    await start();
    const other = new pg.Client(direct.url);
    await other.connect();
    try {
      await other.query(`BEGIN; LOCK TABLE "SweepRun" IN EXCLUSIVE MODE`);
      const elapsed = startStopwatch();
      const insert = usher.app.db.$statement(
        `INSERT INTO "SweepRun" ("id", "trigger", "startedAt") VALUES ('x', 'timer', now())`,
        [],
      );
      // Cancelled, or cut off if the pooler passes on the cancel request too late.
      await expect(insert).rejects.toThrow();
      expect(elapsed()).toBeLessThan(5_500);
      await other.query("ROLLBACK");
    } finally {
      await other.end();
    }
    await until(() => !usher.app.db.$isAway());
    expect(await usher.app.db.mcpServer.count()).toBe(0);
  });
});
