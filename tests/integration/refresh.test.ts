import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as cronRoute } from "@/app/api/cron/refresh-tokens/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { revoke } from "@/lib/authorization/revoke";
import { claimLease } from "@/lib/db/refresh/refresh-lease";
import { createServer } from "@/lib/servers/save";
import { accessToken, bearerSource } from "@/lib/tokens/access-token";
import { leaseMs, newLease } from "@/lib/tokens/lease";
import { refreshLeased } from "@/lib/tokens/refresh-leased";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { TokenCache } from "@/lib/tokens/token-cache";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
const lifetime = 60 * minute;

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let owner: { serverId: string; ownerKey: string };

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetime / 1000 });
});
afterAll(() => provider.close());

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  owner = {
    serverId: await createServer(usher.app, oauthServerInput(provider)),
    ownerKey: "shared",
  };
  await authorize(admin, owner.serverId);
  // Reading the list of tools after a consent requests a token as well.
  await usher.settle();
  provider.forgetRequests();
});
afterEach(async () => {
  provider.stopFailing();
  provider.setTokenEndpointLatency(0);
  await usher.close();
});

const token = () => accessToken(usher.app, owner);
const refreshPosts = () => provider.tokenRequests.refresh_token ?? 0;
const row = () => usher.app.db.storedTokenSet.findFirstOrThrow({ where: owner });

async function connection() {
  const response = await admin.visit(connectionRoute, {
    path: `/api/connections/${owner.serverId}`,
    params: { serverId: owner.serverId },
  });
  return (await response.json()).connection;
}

/** Another process on the same database: it shares none of this one's memory. */
function anotherReplica() {
  return { ...usher.app, refreshesUnderWay: new Map(), tokenCache: new TokenCache(clock.now) };
}

describe("on demand", () => {
  it("returns a valid token without asking the provider", async () => {
    const first = await token();
    clock.advance(lifetime - 2 * minute);
    expect(await token()).toBe(first);
    expect(refreshPosts()).toBe(0);
  });

  it("refreshes a token that is about to expire, once for a herd", async () => {
    const before = await token();
    clock.advance(lifetime - minute / 2);
    provider.setTokenEndpointLatency(100);
    const tokens = await Promise.all(Array.from({ length: 250 }, token));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expect(refreshPosts()).toBe(1);
  });

  it("refreshes once across replicas, and everybody gets the winner's token", async () => {
    await token();
    clock.advance(lifetime + minute);
    provider.setTokenEndpointLatency(300);
    const replicas = Array.from({ length: 4 }, anotherReplica);
    const tokens = await Promise.all(
      replicas.flatMap((ctx) => Array.from({ length: 25 }, () => accessToken(ctx, owner))),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(refreshPosts()).toBe(1);
    clock.advance(lifetime);
    await token();
    expect(refreshPosts()).toBe(2);
  });

  it("keeps the grant alive over many rotations", async () => {
    for (let round = 1; round <= 10; round++) {
      clock.advance(lifetime);
      await token();
      expect(refreshPosts()).toBe(round);
    }
    expect(await connection()).toMatchObject({ standing: { status: "connected", reason: null } });
  });
});

describe("an outage is not a revocation", () => {
  const faults = [
    ["a 503", { kind: "status", status: 503 }],
    ["a 429", { kind: "status", status: 429, retryAfter: "30" }],
    ["a web page", { kind: "html" }],
    ["a reset connection", { kind: "reset" }],
    ["broken JSON", { kind: "broken-json" }],
    ["JSON 3,000 levels deep", { kind: "deep-json", levels: 3_000 }],
    ["JSON 100,000 levels deep", { kind: "deep-json", levels: 100_000 }],
    ["invalid_grant with status 500", { kind: "status", status: 500, error: "invalid_grant" }],
  ] as const;

  it.each(faults)("keeps the tokens after %s, and returns the valid one", async (_, fault) => {
    const before = await token();
    clock.advance(lifetime - minute / 2);
    provider.failNextTokenRequests(1, fault as never);
    expect(await token()).toBe(before);
    const stored = await row();
    expect(stored.refreshTokenSealed).not.toBeNull();
    expect(stored.refreshFailures).toBe(1);
    expect(await connection()).toMatchObject({
      standing: { status: "retrying", nextStep: "wait" },
    });
    expect((await connection()).standing.reason).toMatch(/\w{3,}/);
  });

  it("asks to try later once the token has expired, then recovers automatically", async () => {
    clock.advance(lifetime + minute);
    provider.failNextTokenRequests(1, { kind: "status", status: 503 });
    await expect(token()).rejects.toMatchObject({ code: "try_later" });
    await expect(token()).rejects.toMatchObject({ code: "try_later" });
    expect(refreshPosts()).toBeLessThanOrEqual(1);
    clock.advance(16 * minute);
    await expect(token()).resolves.toEqual(expect.any(String));
    expect(await connection()).toMatchObject({ standing: { status: "connected", reason: null } });
  });

  it("returns no token that expired while the provider was asked", async () => {
    clock.advance(lifetime - minute / 2);
    provider.setTokenEndpointLatency(300);
    provider.failNextTokenRequests(1, { kind: "status", status: 503 });
    const calling = token();
    calling.catch(() => {});
    await expect.poll(refreshPosts).toBe(1);
    clock.advance(minute);
    await expect(calling).rejects.toMatchObject({ code: "try_later" });
  });

  it("does not let a herd press on a struggling provider", async () => {
    clock.advance(lifetime + minute);
    provider.failNextTokenRequests(Number.POSITIVE_INFINITY, { kind: "status", status: 503 });
    const replicas = Array.from({ length: 4 }, anotherReplica);
    const results = await Promise.allSettled(
      replicas.flatMap((ctx) => Array.from({ length: 25 }, () => accessToken(ctx, owner))),
    );
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(provider.requests.filter(({ path }) => path === "/token")).toHaveLength(1);
  });

  it("waits as long as Retry-After says", async () => {
    clock.advance(lifetime + minute);
    provider.failNextTokenRequests(1, { kind: "status", status: 429, retryAfter: "1800" });
    await expect(token()).rejects.toMatchObject({ code: "try_later", retryAfterMs: 1_800_000 });
  });
});

describe("a revocation at the provider", () => {
  it("asks for consent, keeps the reason and discards the dead refresh token", async () => {
    await provider.revokeGrantsOf("ada");
    clock.advance(lifetime + minute);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
    expect((await row()).refreshTokenSealed).toBeNull();
    const { status, reason, since } = (await connection()).standing;
    expect(status).toBe("needs_authorization");
    expect(reason).toMatch(/uthorize/);
    expect(since).toBe(clock.now().toISOString());
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
    expect(refreshPosts()).toBe(1);
  });

  it("is reported to everyone who waited for the refresh, after a single request", async () => {
    await provider.revokeGrantsOf("ada");
    clock.advance(lifetime + minute);
    provider.setTokenEndpointLatency(200);
    const replicas = Array.from({ length: 4 }, anotherReplica);
    const results = await Promise.allSettled(
      replicas.flatMap((ctx) => Array.from({ length: 10 }, () => accessToken(ctx, owner))),
    );
    const codes = results.map((result) => result.status === "rejected" && result.reason.code);
    expect(new Set(codes)).toEqual(new Set(["authorization_required"]));
    expect(refreshPosts()).toBe(1);
  });

  it("ends with the next consent", async () => {
    await provider.revokeGrantsOf("ada");
    clock.advance(lifetime + minute);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
    await authorize(admin, owner.serverId, "grace");
    await expect(token()).resolves.toEqual(expect.any(String));
    expect(await connection()).toMatchObject({ standing: { status: "connected", reason: null } });
  });
});

describe("a change during a refresh:", () => {
  it("a revocation wins: no row comes back, and the new tokens are ended", async () => {
    await token();
    clock.advance(lifetime + minute);
    provider.setTokenEndpointLatency(300);
    const refreshing = token();
    refreshing.catch(() => {});
    await expect.poll(refreshPosts).toBe(1);
    await revoke(usher.app, admin.actor, { serverId: owner.serverId });
    await expect(refreshing).rejects.toMatchObject({ code: "authorization_required" });
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });

  it("a new consent wins: its tokens stay", async () => {
    await token();
    clock.advance(lifetime + minute);
    provider.setTokenEndpointLatency(400);
    const refreshing = token();
    await expect.poll(refreshPosts).toBe(1);
    provider.setTokenEndpointLatency(0);
    await authorize(admin, owner.serverId, "grace");
    const { version } = await row();
    await refreshing;
    expect((await row()).version).toBe(version);
    await expect(token()).resolves.toEqual(expect.any(String));
  });
});

describe("the lease", () => {
  const rowToLease = async () => ({ table: "StoredTokenSet", id: (await row()).id }) as const;

  it("keeps others away while it is active, and is taken over once it has expired", async () => {
    const leasedRow = await rowToLease();
    expect(await claimLease(usher.app.db, leasedRow, "first", leaseMs)).not.toBeNull();
    expect(await claimLease(usher.app.db, leasedRow, "second", leaseMs)).toBeNull();
    await usher.app.db.$executeRaw`
      UPDATE "StoredTokenSet" SET "leaseUntil" = now() - interval '1 second'`;
    expect(await claimLease(usher.app.db, leasedRow, "third", leaseMs)).not.toBeNull();
  });

  it("is checked once more by a process that was frozen, before it asks the provider", async () => {
    const leasedRow = await rowToLease();
    clock.advance(lifetime + minute);
    const lease = newLease({});
    const claimed = await claimLease(usher.app.db, leasedRow, lease.leaseId, leaseMs);
    await claimLease(usher.app.db, leasedRow, "of another", leaseMs, claimed);
    lease.claimedAt.wall -= 10_000;
    if (!claimed) throw new Error("The lease was not free.");
    const outcome = await refreshLeased(usher.app, claimed, lease, {
      seenVersion: claimed.version,
      trigger: "call",
    });
    expect(outcome).toMatchObject({ outcome: "try_later" });
    expect(refreshPosts()).toBe(0);
    expect((await row()).leaseId).toBe("of another");
  });

  it("is released after a refresh, whatever its outcome", async () => {
    clock.advance(lifetime + minute);
    provider.failNextTokenRequests(1, { kind: "status", status: 503 });
    await expect(token()).rejects.toThrow();
    expect((await row()).leaseUntil).toBeNull();
    clock.advance(20 * minute);
    await token();
    expect((await row()).leaseUntil).toBeNull();
  });

  it("is released if the stored secret does not open", async () => {
    clock.advance(lifetime + minute);
    const { refreshTokenSealed } = await row();
    await usher.app.db.storedTokenSet.updateMany({
      data: { accessTokenSealed: refreshTokenSealed ?? "" },
    });
    const reason = expect.stringContaining("does not open");
    await expect(token()).rejects.toMatchObject({ code: "try_later", userMessage: reason });
    expect(await row()).toMatchObject({ leaseUntil: null, lastRefreshError: reason });
    expect(refreshPosts()).toBe(0);
  });
});

describe("a 401 from the MCP server", () => {
  it("leads to one refreshed token for everyone who received it", async () => {
    const rejected = await token();
    const bearer = bearerSource(usher.app, owner);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => bearer.replace(rejected)));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(rejected);
    expect(refreshPosts()).toBe(1);
  });

  it("marks a token that is refused even when fresh, and tries again after a while", async () => {
    const bearer = bearerSource(usher.app, owner);
    const fresh = await bearer.replace(await token());
    await expect(bearer.reject(fresh)).rejects.toMatchObject({ code: "authorization_required" });
    expect(await connection()).toMatchObject({ standing: { status: "needs_authorization" } });
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
    clock.advance(11 * minute);
    await expect(token()).resolves.toBe(fresh);
    expect(await connection()).toMatchObject({ standing: { status: "needs_authorization" } });
  });

  it("is Connected again once the server has accepted the token after all", async () => {
    const bearer = bearerSource(usher.app, owner);
    const fresh = await bearer.replace(await token());
    await expect(bearer.reject(fresh)).rejects.toMatchObject({ code: "authorization_required" });
    const test = bearerSource(usher.app, owner, { evenIfRefused: true });
    await expect(test.token()).resolves.toBe(fresh);
    await test.accepted();
    expect(await connection()).toMatchObject({ standing: { status: "connected", reason: null } });
  });

  it("changes nothing where no other token can be had and perhaps the session was refused", async () => {
    const same = await token();
    await usher.app.db.storedTokenSet.updateMany({ data: { refreshTokenSealed: null } });
    const bearer = bearerSource(usher.app, owner);
    await expect(bearer.replace(same, true)).resolves.toBe(same);
    expect(await row()).toMatchObject({ rejectedAt: null });
    await expect(bearer.replace(same)).rejects.toMatchObject({ code: "authorization_required" });
  });

  it("does not affect a token that was stored in the meantime", async () => {
    const bearer = bearerSource(usher.app, owner);
    const old = await token();
    await authorize(admin, owner.serverId, "grace");
    await expect(bearer.reject(old)).rejects.toMatchObject({ code: "authorization_required" });
    expect(await connection()).toMatchObject({ standing: { status: "connected" } });
  });
});

describe("the sweep", () => {
  const sweep = (ctx = usher.app) =>
    runRefreshSweep(ctx, { trigger: "manual", claimForMs: 10_000, concurrency: 8 });

  it("refreshes what expires within 10 minutes and leaves the rest", async () => {
    expect(await sweep()).toMatchObject({ refreshed: 0, remaining: 0 });
    clock.advance(lifetime - 9 * minute);
    expect(await sweep()).toEqual({ refreshed: 1, failed: 0, deferred: 0, remaining: 0 });
    expect(await sweep()).toMatchObject({ refreshed: 0 });
    expect(refreshPosts()).toBe(1);
  });

  it("may run twice at once and alongside calls: one request per token", async () => {
    clock.advance(lifetime + minute);
    provider.setTokenEndpointLatency(200);
    const [first, second] = await Promise.all([sweep(), sweep(anotherReplica()), token()]);
    expect(first.refreshed + second.refreshed).toBeLessThanOrEqual(1);
    expect(refreshPosts()).toBe(1);
  });

  it("counts what needs consent and what is deferred", async () => {
    await provider.revokeGrantsOf("ada");
    clock.advance(lifetime);
    expect(await sweep()).toMatchObject({ failed: 1 });
    await authorize(admin, owner.serverId, "grace");
    await usher.settle();
    clock.advance(lifetime);
    provider.failNextTokenRequests(1, { kind: "status", status: 503 });
    expect(await sweep()).toMatchObject({ deferred: 1, failed: 0 });
  });

  it("is started by the cron route only with the right secret", async () => {
    const call = (authorization?: string) =>
      admin.visit(cronRoute, {
        path: "/api/cron/refresh-tokens",
        headers: authorization ? { authorization } : {},
      });
    expect((await call()).status).toBe(401);
    expect((await call("Bearer wrong")).status).toBe(401);
    expect((await call()).headers.get("www-authenticate")).toBe("Bearer");
    clock.advance(lifetime);
    const right = await call(`Bearer ${usher.env.CRON_SECRET}`);
    expect(await right.json()).toMatchObject({ refreshed: 1 });
  });
});

describe("a configuration changed during a call", () => {
  it("gives its old address no token of the new one", async () => {
    const before = await usher.app.db.mcpServer.findUniqueOrThrow({
      where: { id: owner.serverId },
    });
    const bearer = bearerSource(usher.app, owner, { serverVersion: before.version });
    const old = await bearer.token();
    await usher.app.db.mcpServer.update({
      where: { id: before.id },
      data: { url: "https://elsewhere.example/mcp", version: { increment: 1 } },
    });
    await expect(bearer.replace(old)).rejects.toMatchObject({ code: "conflict" });
    usher.app.tokenCache.drop(owner.serverId);
    await expect(bearer.token()).rejects.toMatchObject({ code: "conflict" });
    expect(refreshPosts()).toBe(0);
  });
});
