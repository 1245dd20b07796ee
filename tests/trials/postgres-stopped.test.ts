import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { announceCluster, type PostgresCluster, startPostgres } from "@/tests/support/postgres";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import { type Account, connect, introspect, refreshPosts, repeatedPosts } from "./accounts";
import { ms, tell } from "./figures";
import { freezing, type PostgresOutage, restarting } from "./postgres-outage";
import { sized } from "./sizes";

const rounds = sized(1, 10);
const outageMs = 10_000;
const latencyMs = 1000;
const lifetimeMs = 3_600_000;

interface Stage {
  cluster: PostgresCluster;
  usher: Installation;
  worker: RefreshWorker;
  account: Account;
  outage: PostgresOutage;
}

let provider: AuthorizationServer;
const stages: Stage[] = [];

/** Usher on its own Postgres server. */
async function startStage(outageOf: (url: string) => Promise<PostgresOutage>): Promise<Stage> {
  const cluster = await startPostgres();
  announceCluster(cluster);
  const usher = await startInstallation();
  const account = await connect(usher, await usher.join("ADMIN"), provider);
  const worker = await RefreshWorker.start({ env: usher.env });
  const outage = await outageOf(cluster.url("postgres"));
  const stage = { cluster, usher, worker, account, outage };
  stages.push(stage);
  return stage;
}

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
});
afterAll(async () => {
  for (const { cluster, usher, worker, outage } of stages) {
    await worker.kill();
    await usher.close();
    await outage.close();
    await cluster.stop();
  }
  await provider.close();
});

/** The token expires, and Postgres disappears as soon as the provider sees the refresh. */
async function stopDuringRefresh({ worker, account, outage }: Stage, round: number) {
  await worker.run("setClock", { ms: round * (lifetimeMs + 60_000) });
  // A caller leaves after 10 s and returns; the save continues without it.
  const ask = () => worker.run("callUntilSettled", { owner: account.owner, forMs: 60_000 });
  const calls = Promise.all([ask(), ask(), ask()]);
  // Not `expect.poll`, which a concurrent test may use only while its neighbour runs.
  await vi.waitFor(() => expect(refreshPosts(account)).toHaveLength(round), {
    interval: 2,
    timeout: 20_000,
  });
  await outage.begin();
  await sleep(outageMs);
  await outage.end();
  const backAt = Date.now();
  const outcomes = await calls;
  return { outcomes, settledMs: Math.max(...outcomes.map(({ endedAt }) => endedAt)) - backAt };
}

describe("Postgres is away for 10 s between the provider's answer and the save", () => {
  it.concurrent.each([
    ["frozen", freezing],
    ["restarted", restarting],
  ] as const)("%s: the rotated token is saved once Postgres is back", async (how, outageOf) => {
    const stage = await startStage(outageOf);
    provider.setTokenEndpointLatency(latencyMs);
    const { account } = stage;
    let saved = 0;
    let slowest = 0;
    for (let round = 1; round <= rounds; round++) {
      const { outcomes, settledMs } = await stopDuringRefresh(stage, round);
      expect(outcomes.map(({ error }) => error)).toEqual([null, null, null]);
      const { token } = outcomes[0] ?? {};
      expect(await introspect(provider, token ?? "")).toMatchObject({ active: true, sub: "ada" });
      const row = await stage.usher.app.db.storedTokenSet.findFirstOrThrow();
      expect(row).toMatchObject({ version: round + 1, lastRefreshError: null, leaseId: null });
      saved += 1;
      slowest = Math.max(slowest, settledMs);
    }
    tell(
      `Postgres ${how} for ${ms(outageMs)} after the answer: rotated token saved on return`,
      `${saved} of ${rounds}, at most ${ms(slowest)} after it was back; ${repeatedPosts(account).length} repeated POSTs`,
    );
    // The saved refresh token is the valid one.
    await stage.worker.run("setClock", { ms: (rounds + 1) * (lifetimeMs + 60_000) });
    const [last] = await stage.worker.run("call", { owner: account.owner, callers: 1 });
    expect(last?.error).toBeNull();
    expect(repeatedPosts(account)).toEqual([]);
  });
});
