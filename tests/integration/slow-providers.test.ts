import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { completeAuthorization } from "@/lib/authorization/complete";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { createWorkUnderWay } from "@/lib/work-under-way";
import { authorize, clickAuthorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const lifetimeMs = 3_600_000;

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let owner: { serverId: string; ownerKey: string };

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
});
afterAll(() => provider.close());

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  const serverId = await createServer(usher.app, oauthServerInput(provider));
  owner = { serverId, ownerKey: "shared" };
  await authorize(admin, serverId);
  await usher.settle();
  provider.forgetRequests();
});
afterEach(async () => {
  provider.stopFailing();
  provider.setTokenEndpointLatency(0);
  provider.setRevocationEndpointLatency(0);
  await usher.app.underWay.settled();
  await usher.close();
});

const row = () => usher.app.db.storedTokenSet.findFirstOrThrow({ where: owner });
const letExpire = () => clock.advance(lifetimeMs + 60_000);

async function timed<T>(work: Promise<T>): Promise<{ result: T; seconds: number }> {
  const startedAt = performance.now();
  const result = await work;
  return { result, seconds: (performance.now() - startedAt) / 1000 };
}

describe("a refresh that a person waits for", () => {
  it("is waited for up to 10 seconds, continues, and its token is available to the next call", async () => {
    letExpire();
    provider.setTokenEndpointLatency(13_000);
    const call = accessToken(usher.app, owner).catch((error: unknown) => error);
    const { result, seconds } = await timed(call);
    expect(result).toMatchObject({ code: "try_later" });
    expect(String((result as { userMessage: string }).userMessage)).toContain("10 seconds");
    expect(seconds).toBeLessThan(12);

    await usher.app.underWay.settled();
    expect((await row()).version).toBe(2);
    await accessToken(usher.app, owner);
    expect(provider.tokenRequests.refresh_token).toBe(1);
  });

  it("is announced to a platform that freezes processes, which waits until it is saved", async () => {
    const told: Promise<void>[] = [];
    const underWay = createWorkUnderWay((work) => void told.push(work));
    letExpire();
    provider.setTokenEndpointLatency(500);
    void accessToken({ ...usher.app, underWay }, owner).catch(() => {});
    await expect.poll(() => told.length).toBe(1);
    expect((await row()).version).toBe(1);
    await told[0];
    expect(await row()).toMatchObject({ version: 2, leaseId: null });
  });
});

describe("a code exchange", () => {
  /** A database whose connection breaks in this many transactions. */
  function breaking(times: number, moment: "before" | "after the commit") {
    return new Proxy(usher.app.db, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== "$transaction") return value;
        return async (...args: never[]) => {
          const transact = () => (value as (...given: never[]) => unknown).apply(target, args);
          if (times-- <= 0) return transact();
          if (moment === "after the commit") await transact();
          throw new Error("Connection terminated unexpectedly");
        };
      },
    });
  }

  it.each(["before", "after the commit"] as const)(
    "is saved even if the connection to the database breaks %s",
    async (moment) => {
      const before = await row();
      const authorizationUrl = await clickAuthorize(admin, owner.serverId);
      const callbackUrl = await consent({ authorizationUrl, person: "grace" });
      const posts = provider.tokenRequests.authorization_code ?? 0;
      const cookies = Object.fromEntries(admin.cookies);
      const { searchParams: parameters } = callbackUrl;
      let db = usher.app.db;
      const outbound: typeof usher.app.outbound = async (...request) => {
        const answer = await usher.app.outbound(...request);
        db = breaking(moment === "before" ? 3 : 1, moment);
        return answer;
      };
      const ctx = Object.defineProperty({ ...usher.app, outbound }, "db", { get: () => db });
      await completeAuthorization(ctx, admin.actor, { parameters, cookies });
      expect((await row()).version).toBe(before.version + 1);
      expect(provider.tokenRequests.authorization_code).toBe(posts + 1);
    },
  );
});

describe("a revocation", () => {
  const revoke = () =>
    admin.visit(revokeRoute, {
      path: `/oauth/revoke/${owner.serverId}`,
      params: { serverId: owner.serverId },
      json: { what: "server" },
    });

  it("answers within seconds once the rows are gone, and records the outcome", async () => {
    provider.setRevocationEndpointLatency(4_000);
    const { result, seconds } = await timed(revoke());
    expect(await result.json()).toMatchObject({ deleted: 1, provider: "pending" });
    expect(seconds).toBeLessThan(4);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);

    await usher.app.underWay.settled();
    await usher.settle();
    const flows = await admin.visit(flowsRoute, {
      path: `/api/mcp-servers/${owner.serverId}/flows`,
      params: { serverId: owner.serverId },
    });
    expect((await flows.json()).flows).toContainEqual(
      expect.objectContaining({ kind: "REVOCATION", outcome: "succeeded" }),
    );
  });

  it("gives a hanging provider 10 seconds for both tokens together", async () => {
    provider.failNextRevocationRequests(Number.POSITIVE_INFINITY, { kind: "hang" });
    await revoke();
    const { seconds } = await timed(usher.app.underWay.settled());
    expect(seconds).toBeLessThan(12);
  });
});

describe("a sweep in progress when the process has to stop", () => {
  it("saves what was sent, returns what was not, and records its end", async () => {
    const more = await Promise.all(
      ["Second", "Third", "Fourth"].map(async (name) => {
        const serverId = await createServer(usher.app, oauthServerInput(provider, { name }));
        await authorize(admin, serverId);
        return serverId;
      }),
    );
    await usher.settle();
    letExpire();
    provider.setTokenEndpointLatency(1_500);
    const stopping = new AbortController();
    const ctx = { ...usher.app, stopping: stopping.signal };
    const running = runRefreshSweep(ctx, { trigger: "timer", claimForMs: 60_000, concurrency: 2 });
    await expect.poll(() => provider.tokenRequests.refresh_token ?? 0).toBe(2);
    stopping.abort();
    expect(await running).toMatchObject({ refreshed: 2, failed: 0, deferred: more.length - 1 });

    expect(await usher.app.db.sweepRun.count({ where: { finishedAt: null } })).toBe(0);
    expect(await usher.app.db.storedTokenSet.count({ where: { leaseId: { not: null } } })).toBe(0);
    provider.setTokenEndpointLatency(0);
    const next = await runRefreshSweep(usher.app, {
      ...{ trigger: "timer", claimForMs: 60_000, concurrency: 4 },
    });
    expect(next).toMatchObject({ refreshed: 2, failed: 0, deferred: 0 });
  });

  it("is recorded as ended by the next one if the process was killed", async () => {
    await usher.app.db.sweepRun.create({
      data: { trigger: "timer", startedAt: new Date(clock.now().getTime() - 300_000) },
    });
    await runRefreshSweep(usher.app, { trigger: "timer", claimForMs: 1_000, concurrency: 1 });
    const open = await usher.app.db.sweepRun.findMany({ where: { finishedAt: null } });
    expect(open).toEqual([]);
    const [killed] = await usher.app.db.sweepRun.findMany({ orderBy: { startedAt: "asc" } });
    expect(killed?.error).toContain("killed");
  });
});
