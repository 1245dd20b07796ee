import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import { type Account, connect, connectMany, refreshPosts, repeatedPosts } from "./accounts";
import { ms, tell } from "./figures";
import { sized } from "./sizes";

const due = 300;
const rounds = sized(1, 10);
const kills = sized(1, 10);
const lifetimeMs = 3_600_000;
const latencyMs = 50;
/** For the sweeps around a killed one; the product's is 60 s, for which the next one would wait. */
const leaseMs = 6000;
const concurrency = 16;

let provider: AuthorizationServer;
let usher: Installation;
let accounts: Account[];
let workers: RefreshWorker[] = [];
let survivor: RefreshWorker;
let hours = 0;

beforeAll(async () => {
  // With a grace period, so that work in progress in a killed sweep is not lost.
  provider = await startProvider({
    accessTokenLifetime: lifetimeMs / 1000,
    reuseGraceSeconds: 60,
  });
  usher = await startInstallation();
  const admin = await usher.join("ADMIN");
  accounts = await connectMany(due, () => connect(usher, admin, provider));
  provider.setTokenEndpointLatency(latencyMs);
  const { env } = usher;
  const start = (leaseMs?: number) => RefreshWorker.start({ env, leaseMs });
  workers = await Promise.all([start(), start()]);
  survivor = await start(leaseMs);
});
afterAll(async () => {
  await Promise.all([...workers, survivor].map((worker) => worker.kill()));
  await usher.close();
  await provider.close();
});

const aheadMs = () => hours * (lifetimeMs + 60_000);

async function expireAll(): Promise<void> {
  hours += 1;
  const ahead = { ms: aheadMs() };
  await Promise.all([...workers, survivor].map((worker) => worker.run("setClock", ahead)));
  provider.forgetRequests();
}

const sweep = (worker: RefreshWorker) => worker.run("sweep", { concurrency, claimForMs: 60_000 });
const repeated = () => accounts.reduce((sum, account) => sum + repeatedPosts(account).length, 0);
const asked = () => provider.tokenRequests.refresh_token ?? 0;
const leftDue = () =>
  usher.app.db.storedTokenSet.count({
    where: { nextRefreshAt: { lte: new Date(Date.now() + aheadMs()) } },
  });

describe(`${due} due rows`, () => {
  it("two concurrent sweeps refresh each row once", async () => {
    let tookMs = 0;
    for (let round = 0; round < rounds; round++) {
      await expireAll();
      const startedAt = Date.now();
      const results = await Promise.all(workers.map(sweep));
      tookMs = Math.max(tookMs, Date.now() - startedAt);
      expect(results.reduce((sum, { refreshed }) => sum + refreshed, 0)).toBe(due);
      expect(accounts.every((account) => refreshPosts(account).length === 1)).toBe(true);
      expect(await leftDue()).toBe(0);
    }
    tell(
      `two sweeps at once, ${due} due, ${rounds} rounds: 0 double POSTs, 0 left due`,
      `${repeated()} double POSTs, ${await leftDue()} left due, ${ms(tookMs)} at most`,
    );
  });

  it("a killed sweep is finished by the next one", async () => {
    let underWay = 0;
    let again = 0;
    for (let kill = 0; kill < kills; kill++) {
      await expireAll();
      const victim = await RefreshWorker.start({ env: usher.env, leaseMs });
      await victim.run("setClock", { ms: aheadMs() });
      sweep(victim).catch(() => {});
      await expect.poll(asked, { interval: 2, timeout: 60_000 }).toBeGreaterThan(due / 3);
      await victim.kill();
      const leased = await usher.app.db.storedTokenSet.count({ where: { leaseId: { not: null } } });
      expect(leased).toBeGreaterThan(0);
      underWay += leased;

      // Those that the dead sweep held wait for the end of its lease.
      const first = await sweep(survivor);
      await sleep(leaseMs);
      const second = await sweep(survivor);
      expect(first.failed + second.failed).toBe(0);
      expect(await leftDue()).toBe(0);
      expect(repeated()).toBeLessThanOrEqual(leased);
      expect(accounts.every((account) => refreshPosts(account).length >= 1)).toBe(true);
      again += repeated();
    }
    tell(
      `sweep killed in the middle, ${due} due, ${kills} kills, then run again: 0 double POSTs, 0 left due`,
      `${await leftDue()} left due; asked twice: ${again} of the ${underWay} that the dead sweeps held, no other`,
    );
  });

  it("all of them are still alive afterwards", async () => {
    await expireAll();
    const [worker = survivor] = workers;
    expect(await sweep(worker)).toEqual({
      refreshed: due,
      failed: 0,
      deferred: 0,
      remaining: 0,
    });
  });
});
