import { afterAll, beforeAll, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import { type Account, connect, connectMany, refreshPosts } from "./accounts";
import { ms, quantile, tell } from "./figures";
import { isFull, sized } from "./sizes";

const servers = 200;
const hung = 20;
const rounds = sized(2, 10);
const lifetimeMs = 3_600_000;
const latencyMs = 50;

interface Group {
  provider: AuthorizationServer;
  accounts: Account[];
}

let usher: Installation;
let workers: RefreshWorker[] = [];
let healthy: Group;
/** One for each test, so that what hangs in the first need not be awaited. */
let hungInCalls: Group;
let hungInSweep: Group;
let hours = 0;

beforeAll(async () => {
  usher = await startInstallation();
  const admin = await usher.join("ADMIN");
  const group = async (count: number): Promise<Group> => {
    const provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
    const accounts = await connectMany(count, () => connect(usher, admin, provider));
    return { provider, accounts };
  };
  healthy = await group(servers - 2 * hung);
  hungInCalls = await group(hung);
  hungInSweep = await group(hung);
  workers = await Promise.all(
    Array.from({ length: 2 }, () => RefreshWorker.start({ env: usher.env })),
  );
  healthy.provider.setTokenEndpointLatency(latencyMs);
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await usher.close();
  for (const { provider } of [healthy, hungInCalls, hungInSweep]) await provider.close();
});

const ownersOf = ({ accounts }: Group) => accounts.map(({ owner }) => owner);
const postsEach = ({ accounts }: Group) => accounts.map((account) => refreshPosts(account).length);

/** Every token expires. */
async function expireAll(): Promise<void> {
  hours += 1;
  const ahead = { ms: hours * (lifetimeMs + 60_000) };
  await Promise.all(workers.map((worker) => worker.run("setClock", ahead)));
  healthy.provider.forgetRequests();
}

/** From now on its provider accepts requests and never answers. */
function hang({ provider }: Group): void {
  provider.forgetRequests();
  provider.failNextTokenRequests(Number.POSITIVE_INFINITY, { kind: "hang" });
}

/** Both processes call each healthy server at once. @returns how long each call took */
async function callHealthy(): Promise<number[]> {
  const at = Date.now() + 100;
  const owners = ownersOf(healthy);
  const outcomes = (
    await Promise.all(workers.map((worker) => worker.run("callEach", { owners, at })))
  ).flat();
  expect(outcomes.filter(({ token }) => token === null)).toEqual([]);
  expect(new Set(postsEach(healthy))).toEqual(new Set([1]));
  return outcomes.map(({ endedAt }) => endedAt - at);
}

/** One process sweeps. @returns when the last healthy server's provider was called */
async function sweepHealthy() {
  const [worker] = workers;
  if (!worker) throw new Error("There is no worker.");
  await expireAll();
  const startedAt = Date.now();
  const sweep = worker.run("sweep", { concurrency: 64, claimForMs: 60_000 });
  await expect
    .poll(() => healthy.provider.tokenRequests.refresh_token, { timeout: 60_000, interval: 10 })
    .toBe(healthy.accounts.length);
  return { tookMs: Date.now() - startedAt, sweep };
}

it("200 servers whose tokens expire together get one request each, and hanging ones delay no one else", async () => {
  // Until every connection to Postgres is open, and the code is warm.
  await (await sweepHealthy()).sweep;
  await expireAll();
  await callHealthy();

  const swept: number[] = [];
  const before: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { tookMs, sweep } = await sweepHealthy();
    await sweep;
    swept.push(tookMs);
    await expireAll();
    before.push(...(await callHealthy()));
  }

  hang(hungInCalls);
  const owners = ownersOf(hungInCalls);
  const calls = Promise.all(workers.map((worker) => worker.run("callEach", { owners })));
  await expect.poll(() => hungInCalls.provider.requests.length).toBeGreaterThan(0);
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await expireAll();
    beside.push(...(await callHealthy()));
  }
  hang(hungInSweep);
  const { tookMs, sweep } = await sweepHealthy();

  const outcomes = (await calls).flat();
  expect(new Set(outcomes.map(({ error }) => error))).toEqual(new Set(["try_later"]));
  expect(await sweep).toMatchObject({ refreshed: healthy.accounts.length, failed: 0 });
  for (const group of [hungInCalls, hungInSweep]) {
    expect(Math.max(...postsEach(group))).toBeLessThanOrEqual(1);
  }
  const [p50, p50Beside] = [quantile(before, 0.5), quantile(beside, 0.5)];
  const [p95, p95Beside] = [quantile(before, 0.95), quantile(beside, 0.95)];
  tell(
    `${servers} servers expire together, ${2 * hung} at providers that hang: ≤ 1 POST each, others + < 100 ms`,
    `≤ 1 POST each; calls p50 ${ms(p50)} → ${ms(p50Beside)}, p95 ${ms(p95)} → ${ms(p95Beside)}; sweep ${ms(quantile(swept, 0.5))} → ${ms(tookMs)}`,
  );
  expect(p95Beside - p95).toBeLessThan(isFull ? 100 : 5000);
  expect(tookMs - quantile(swept, 0.5)).toBeLessThan(isFull ? 500 : 10_000);
});
