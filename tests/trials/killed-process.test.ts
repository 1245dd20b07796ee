import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { leaseMs } from "@/lib/tokens/lease";
import { findConnection } from "@/lib/tokens/own-connections";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import type { DeathPoint } from "@/tests/support/refresh-worker";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect, introspect, refreshPosts, repeatedPosts } from "./accounts";
import { ms, tell } from "./figures";
import { random } from "./random";
import { isFull, sized } from "./sizes";

const latencyMs = 200;
const lifetimeMs = 3_600_000;
const runs = { strict: sized(10, 100), forgiving: sized(5, 100) };
const atOnce = 5;
const callersBeside = 5;
/** Typical for a provider; longer for a machine that is busy with other tests. */
const graceSeconds = sized(30, 10);
/** The lease itself ends after 60 s; a dead holder is detected long before. */
const visibleMs = sized(leaseMs + 5000, 10_000);

let usher: Installation;
let admin: Visitor;
let survivor: RefreshWorker;
const providers: AuthorizationServer[] = [];

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  survivor = await startWorker();
});
afterAll(async () => {
  await survivor.kill();
  await usher.close();
  await Promise.all(providers.map((provider) => provider.close()));
});

/** Its clock is an hour ahead: every newly issued token has expired for it. */
async function startWorker(): Promise<RefreshWorker> {
  const worker = await RefreshWorker.start({ env: usher.env });
  await worker.run("setClock", { ms: lifetimeMs + 60_000 });
  return worker;
}

async function startSlowProvider(reuseGraceSeconds: number): Promise<AuthorizationServer> {
  const accessTokenLifetime = lifetimeMs / 1000;
  const provider = await startProvider({ accessTokenLifetime, reuseGraceSeconds });
  provider.setTokenEndpointLatency(latencyMs);
  providers.push(provider);
  return provider;
}

/** The steps of a refresh, found by watching one. */
async function rehearse(provider: AuthorizationServer): Promise<string[]> {
  const account = await connect(usher, admin, provider);
  const worker = await startWorker();
  await worker.run("takeSteps", undefined);
  await worker.run("call", { owner: account.owner, callers: 1 });
  const steps = await worker.run("takeSteps", undefined);
  await worker.kill();
  return steps;
}

/** Twenty moments: before, during and after every step, and throughout the request. */
function deathPoints(steps: string[], next: () => number): DeathPoint[] {
  const request = steps.findIndex((step) => step.startsWith("POST"));
  const around = steps.flatMap((_, step) => [
    { step, moment: "before", afterMs: 0 } as const,
    { step, moment: "during", afterMs: next() * 2 } as const,
    { step, moment: "after", afterMs: 0 } as const,
  ]);
  const chosen = around.toSorted(() => next() - 0.5).slice(0, 12);
  const during = Array.from({ length: 8 }, (_, n) => ({
    step: request,
    moment: "during" as const,
    afterMs: ((n + next()) / 8) * (latencyMs + 20),
  }));
  return [...chosen, ...during].toSorted(() => next() - 0.5);
}

interface Run {
  point: DeathPoint;
  ending: "served" | "authorize again";
  /** From the kill to what everyone can see. */
  settledMs: number;
  deadPosts: number;
  wrongTokens: number;
}

/** One process is killed at this point; another has callers for the same account throughout. */
async function kill(provider: AuthorizationServer, point: DeathPoint): Promise<Run> {
  const account = await connect(usher, admin, provider);
  const { owner } = account;
  const victim = await startWorker();
  await victim.run("dieAt", point);
  victim.run("call", { owner, callers: 1 }).catch(() => {});
  await leasedOrGone(account, victim);
  const calls = Array.from({ length: callersBeside }, () =>
    survivor.run("callUntilSettled", { owner, forMs: visibleMs + 5000 }),
  );
  const killedAt = await victim.exited;
  const outcomes = await Promise.all(calls);
  const settledMs = Math.max(...outcomes.map(({ endedAt }) => endedAt)) - killedAt;
  const tokens = outcomes.flatMap(({ token }) => token ?? []);
  const active = await Promise.all(tokens.map((token) => introspect(provider, token)));
  const posts = refreshPosts(account).length;
  // Whatever the outcome: no one asks the provider again.
  await survivor.run("call", { owner, callers: 5 });
  expect(refreshPosts(account)).toHaveLength(posts);

  const authorizeAgain = outcomes.filter(({ error }) => error === "authorization_required");
  expect(tokens.length + authorizeAgain.length).toBe(callersBeside);
  if (authorizeAgain.length > 0) {
    const shown = await findConnection(usher.app, admin.user, owner.serverId);
    expect(shown?.connection.standing.reason).toMatch(/Authorize again/);
  }
  return {
    point,
    ending: authorizeAgain.length > 0 ? "authorize again" : "served",
    settledMs,
    deadPosts: repeatedPosts(account).length,
    wrongTokens: active.filter(({ active, sub }) => !active || sub !== "ada").length,
  };
}

/** The others then find the lease taken, or its holder dead. */
async function leasedOrGone({ owner }: Account, victim: RefreshWorker): Promise<void> {
  let gone = false;
  void victim.exited.then(() => {
    gone = true;
  });
  while (!gone) {
    const row = await usher.app.db.storedTokenSet.findFirst({ where: owner });
    if (row?.leaseId || row?.lastRefreshedAt) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function killMany(provider: AuthorizationServer, runs: number): Promise<Run[]> {
  const next = random(20261123);
  const points = deathPoints(await rehearse(provider), next);
  expect(points).toHaveLength(20);
  const queue = Array.from({ length: runs }, (_, n) => points[n % points.length] as DeathPoint);
  const done: Run[] = [];
  const worker = async () => {
    for (let point = queue.pop(); point; point = queue.pop()) {
      done.push(await kill(provider, point));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
}

const count = (done: Run[], ending: Run["ending"]) =>
  done.filter((run) => run.ending === ending).length;

describe("kill -9 of the process that refreshes", () => {
  it("serves no wrong token, sends no dead one for long, and says when consent is needed", async () => {
    const done = await killMany(await startSlowProvider(0), runs.strict);
    const slowest = Math.max(...done.map(({ settledMs }) => settledMs));
    tell(
      `kill -9 at 20 points, ${runs.strict} runs, strict provider: 0 wrong tokens, ≤ 2 dead POSTs, visible ≤ lease (60 s) + 5 s`,
      `${done.reduce((sum, { wrongTokens }) => sum + wrongTokens, 0)} wrong, ≤ ${Math.max(...done.map(({ deadPosts }) => deadPosts))} dead POSTs, ${count(done, "served")} healed, ${count(done, "authorize again")} told to authorize again, after ≤ ${ms(slowest)}`,
    );
    expect(done.filter(({ wrongTokens }) => wrongTokens > 0)).toEqual([]);
    expect(done.filter(({ deadPosts }) => deadPosts > 2)).toEqual([]);
    expect(slowest).toBeLessThanOrEqual(visibleMs);
  });

  it("recovers without consent if the provider has a grace period", async () => {
    const done = await killMany(await startSlowProvider(graceSeconds), runs.forgiving);
    const healed = count(done, "served");
    tell(
      `kill -9 at 20 points, ${runs.forgiving} runs, provider with ${graceSeconds} s grace: ≥ 95 % heal`,
      `${healed} of ${runs.forgiving} healed, after ≤ ${ms(Math.max(...done.map(({ settledMs }) => settledMs)))}`,
    );
    expect(done.filter(({ wrongTokens }) => wrongTokens > 0)).toEqual([]);
    expect(healed).toBeGreaterThanOrEqual(isFull ? runs.forgiving * 0.95 : runs.forgiving - 1);
  });

  it.concurrent("is distinguished from a provider that takes long to answer", async () => {
    const provider = await startSlowProvider(0);
    const account = await connect(usher, admin, provider);
    provider.setTokenEndpointLatency(10_000);
    const other = await startWorker();
    // A caller is told to try again after 10 s; the refresh continues.
    const calls = [survivor, other].map((worker) =>
      worker.run("callUntilSettled", { owner: account.owner, forMs: 30_000 }),
    );
    const outcomes = await Promise.all(calls);
    await other.kill();
    expect(outcomes.filter(({ token }) => token === null)).toEqual([]);
    expect(refreshPosts(account)).toHaveLength(1);
  });

  it.concurrent("is distinguished from a frozen process, which finds its lease gone when it wakes", async () => {
    const provider = await startSlowProvider(0);
    const steps = await rehearse(provider);
    const account = await connect(usher, admin, provider);
    const { owner } = account;
    const frozen = await startWorker();
    const claim = steps.findIndex((step) => step.includes('SET "leaseId"'));
    await frozen.run("dieAt", { step: claim, moment: "after", afterMs: 0, by: "SIGSTOP" });
    const itsCall = frozen.run("callUntilSettled", { owner, forMs: 60_000 });
    await vi.waitFor(async () => {
      const leased = { ...owner, leaseId: { not: null } };
      expect(await usher.app.db.storedTokenSet.count({ where: leased })).toBe(1);
    }, 30_000);
    const others = await survivor.run("callUntilSettled", { owner, forMs: leaseMs });
    frozen.wake();
    const outcomes = [others, await itsCall];
    await frozen.kill();
    expect(refreshPosts(account)).toHaveLength(1);
    expect(new Set(outcomes.map(({ token }) => token)).size).toBe(1);
    expect(await introspect(provider, others.token ?? "")).toMatchObject({ active: true });
  });
});
