import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { POST as createRoute, GET as listRoute } from "@/app/api/mcp-servers/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createDatabase } from "@/lib/db/client";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { clickAuthorize, openCallback } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { createTestDatabase } from "@/tests/support/postgres";
import { consent } from "@/tests/support/provider-consent";
import { nowhere, oauthServerInput, serverInput } from "@/tests/support/server-input";
import { type Silence, SilentProxy } from "@/tests/support/silent-proxy";
import { startStopwatch } from "@/tests/support/stopwatch";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect, refreshPosts, repeatedPosts } from "@/tests/trials/accounts";

const lifetimeMs = 3_600_000;
const ways: Silence[] = ["at_connect", "before_the_answer", "within_the_answer"];

let provider: AuthorizationServer;
let usher: Installation;
let proxy: SilentProxy;
let clock: Clock;
let admin: Visitor;
let account: Account;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
});
afterAll(() => provider.close());

beforeEach(async () => {
  clock = new Clock();
  const database = await createTestDatabase();
  proxy = await SilentProxy.start(database.url);
  const drop = async () => {
    await proxy.close();
    await database.drop();
  };
  usher = await startInstallation({ now: clock.now, database: { url: proxy.url, drop } });
  admin = await usher.join("ADMIN");
  account = await connect(usher, admin, provider);
  provider.forgetRequests();
});
afterEach(async () => {
  provider.setTokenEndpointLatency(0);
  proxy.comeBack("cut");
  await usher.close();
});

const list = () => admin.visit(listRoute, { path: "/api/mcp-servers" });
const create = (name: string) =>
  admin.visit(createRoute, {
    path: "/api/mcp-servers",
    json: serverInput({ name, url: nowhere }),
  });

/** Status and message of a response, and how long it took in ms. */
async function timed(asking: Promise<Response>) {
  const elapsed = startStopwatch();
  const response = await asking;
  const ms = elapsed();
  const body = await response.json().catch(() => null);
  return { status: response.status, message: body?.error?.message ?? "", ms, response };
}

async function expectTryAgain(asking: Promise<Response>): Promise<void> {
  const { status, message, ms, response } = await timed(asking);
  expect({ status, message }).toEqual({
    status: 503,
    message: expect.stringContaining("Try again"),
  });
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(ms).toBeLessThan(5_000);
}

describe.each(ways)("a database that stops answering (%s)", (silence) => {
  it("costs a request at most five seconds, and the next ones less", async () => {
    await list();
    proxy.fallSilent(silence);
    const first = Array.from({ length: 30 }, () => expectTryAgain(list()));
    await Promise.all([...first, expectTryAgain(create("Lost"))]);
    // By now it is known: no one else waits.
    const { status, ms } = await timed(list());
    expect(status).toBe(503);
    expect(ms).toBeLessThan(500);
  });

  it.each(["late", "cut"] as const)("recovers automatically (answers: %s)", async (how) => {
    await list();
    proxy.fallSilent(silence);
    await Promise.all([expectTryAgain(list()), expectTryAgain(list())]);
    proxy.comeBack(how);
    await vi.waitFor(async () => expect((await list()).status).toBe(200), {
      timeout: 60_000,
      interval: 50,
    });
    expect((await create("After")).status).toBe(201);
  });

  it("loses no grant: the provider's answer is saved once the database is back", async () => {
    provider.setTokenEndpointLatency(500);
    clock.advance(lifetimeMs + 60_000);
    const asked = accessToken(usher.app, account.owner).catch((error: unknown) => error);
    await vi.waitFor(() => expect(refreshPosts(account)).toHaveLength(1), { timeout: 60_000 });
    proxy.fallSilent(silence);
    await expect(asked).resolves.toMatchObject({ code: "try_later" });
    proxy.comeBack("cut");
    await usher.app.underWay.settled();
    const row = await usher.app.db.storedTokenSet.findFirstOrThrow();
    expect(row).toMatchObject({ version: 2, lastRefreshError: null, leaseId: null });
    // The stored refresh token is the valid one.
    clock.advance(lifetimeMs + 60_000);
    await accessToken(usher.app, account.owner);
    expect(repeatedPosts(account)).toEqual([]);
  });
});

describe("a provider's answer while the database is unavailable", () => {
  it("is saved after an outage that outlasts the lease", async () => {
    provider.setTokenEndpointLatency(500);
    clock.advance(lifetimeMs + 60_000);
    const short = { ...usher.app, leaseMs: 4_000 };
    const asked = accessToken(short, account.owner).catch((error: unknown) => error);
    await vi.waitFor(() => expect(refreshPosts(account)).toHaveLength(1), { timeout: 60_000 });
    proxy.fallSilent("at_connect");
    await sleep(12_000);
    proxy.comeBack("cut");
    await asked;
    await usher.app.underWay.settled();
    const row = await usher.app.db.storedTokenSet.findFirstOrThrow();
    expect(row).toMatchObject({ version: 2, lastRefreshError: null, leaseId: null });
  });

  it("creates a new connection: the person is told within five seconds, and it appears later", async () => {
    const url = `${nowhere}/consented`;
    provider.registerResource(url, "Consented");
    const input = oauthServerInput(provider, { name: "Consented", url });
    const serverId = await createServer(usher.app, input);
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    const codes = () => provider.tokenRequests.authorization_code ?? 0;
    const before = codes();
    provider.setTokenEndpointLatency(500);
    const opened = openCallback(admin, callbackUrl);
    await vi.waitFor(() => expect(codes()).toBe(before + 1), { timeout: 60_000 });
    proxy.fallSilent("before_the_answer");
    const elapsed = startStopwatch();
    const location = (await opened).headers.get("location");
    expect(elapsed()).toBeLessThan(5_500);
    expect(location).toContain("authorization_error=database_away");
    proxy.comeBack("late");
    await usher.app.underWay.settled();
    expect(await usher.app.db.storedTokenSet.count({ where: { serverId } })).toBe(1);
  });
});

describe("a statement that waits for a lock", () => {
  it("is cancelled, and does not take effect after the person was told to try again", async () => {
    const other = new pg.Client(usher.database.url);
    await other.connect();
    await other.query(`BEGIN; LOCK TABLE "Invitation" IN EXCLUSIVE MODE`);
    const { db } = usher.app;
    const change = (role: string) =>
      db.$statement(
        `INSERT INTO "Invitation" ("id", "email", "role", "tokenHash", "expiresAt", "invitedById")
         VALUES ($1, $1 || '@example.com', 'MEMBER', $1, now(), $2)`,
        [role, admin.user.id],
      );
    await expect(change("told")).rejects.toMatchObject({ code: "57014" });
    // The database works: others are served in the meantime, and work that no one waits for may take longer.
    expect(db.$isAway()).toBe(false);
    const patient = db.$within(30_000, () => change("patient"));
    await sleep(5_000);
    expect((await list()).status).toBe(200);
    await other.query("COMMIT");
    await other.end();
    await patient;
    const rows = await db.invitation.findMany();
    expect(rows.map(({ id }) => id)).toEqual(["patient"]);
  });
});

describe("a database that never answered a connection", () => {
  it("costs three seconds, however many requests wait", async () => {
    proxy.fallSilent("at_connect");
    const db = createDatabase(proxy.url, { connections: 2 });
    const elapsed = startStopwatch();
    const asked = [1, 2, 3, 4].map(() => db.$statement("SELECT 1", []));
    const ended = await Promise.allSettled(asked);
    expect(ended.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    expect(elapsed()).toBeLessThan(4_500);
    await db.$disconnect();
  });

  it("is distinguished from one that refuses, whose reason is passed on", async () => {
    const url = new URL(usher.database.url);
    url.pathname = "not_there";
    const db = createDatabase(url.href, { connections: 1 });
    await expect(db.$statement("SELECT 1", [])).rejects.toMatchObject({ code: "3D000" });
    expect(db.$isAway()).toBe(false);
    await db.$disconnect();
  });
});
