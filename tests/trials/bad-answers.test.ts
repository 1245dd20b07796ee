import { afterAll, beforeAll, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import { type Account, connect, connectMany } from "./accounts";
import { ms, tell } from "./figures";
import { sized } from "./sizes";

const lifetimeMs = 3_600_000;
const timeLimitMs = 20_000;
/** For a machine that is busy with other tests. */
const marginMs = 5000;
const memoryLimitMb = 20;
/** Pages that the system has not reclaimed yet count as resident; an answer held completely is 64. */
const residentLimitMb = sized(56, memoryLimitMb);
const accountsEach = sized(1, 8);

const faults = [
  ["hung", { kind: "hang" }],
  ["1 byte/s", { kind: "drip", everyMs: 1000 }],
  ["64 MiB", { kind: "huge", bytes: 64 * 1024 * 1024 }],
] as const satisfies [string, EndpointFault][];

let usher: Installation;
let worker: RefreshWorker;
const sick: { what: string; provider: AuthorizationServer; accounts: Account[] }[] = [];

beforeAll(async () => {
  usher = await startInstallation();
  const admin = await usher.join("ADMIN");
  for (const [what] of faults) {
    const provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
    const accounts = await connectMany(accountsEach, () => connect(usher, admin, provider));
    sick.push({ what, provider, accounts });
  }
  worker = await RefreshWorker.start({ env: usher.env }, { exposeGc: true });
});
afterAll(async () => {
  await worker.kill();
  await usher.close();
  await Promise.all(sick.map(({ provider }) => provider.close()));
});

it("a token endpoint that hangs, drips or floods causes an error in time, and costs no memory and no consent", async () => {
  const owners = sick.flatMap(({ accounts }) => accounts.map(({ owner }) => owner));
  // So that the measurement does not include loading the code.
  await worker.run("setClock", { ms: lifetimeMs + 60_000 });
  await worker.run("memoryOfCalls", { owners });

  await worker.run("setClock", { ms: 2 * (lifetimeMs + 60_000) });
  for (const [n, [, fault]] of faults.entries()) {
    sick[n]?.provider.failNextTokenRequests(Number.POSITIVE_INFINITY, fault);
  }
  const startedAt = Date.now();
  const { outcomes, growth } = await worker.run("memoryOfCalls", { owners });
  const tookMs = sick.map((_, n) =>
    Math.max(
      ...outcomes
        .slice(n * accountsEach, (n + 1) * accountsEach)
        .map(({ endedAt }) => endedAt - startedAt),
    ),
  );
  tell(
    `hung, 1 byte/s and 64 MiB answers, ${accountsEach} each at once: error ≤ ${ms(timeLimitMs)}, memory growth < ${memoryLimitMb} MB, no prompt`,
    `${sick.map(({ what }, n) => `${what} ${ms(tookMs[n] ?? 0)}`).join(", ")}; + ${growth.live.toFixed(1)} MB alive, + ${growth.resident.toFixed(1)} MB resident`,
  );
  expect(new Set(outcomes.map(({ error }) => error))).toEqual(new Set(["try_later"]));
  expect(Math.max(...tookMs)).toBeLessThan(timeLimitMs + marginMs);
  expect(growth.live).toBeLessThan(memoryLimitMb);
  expect(growth.resident).toBeLessThan(residentLimitMb);

  // Nothing was lost.
  for (const { provider } of sick) provider.stopFailing();
  await worker.run("settle", undefined);
  await worker.run("setClock", { ms: 2 * (lifetimeMs + 60_000) + 20 * 60_000 });
  const healed = await worker.run("callEach", { owners });
  expect(healed.map(({ error }) => error)).toEqual(owners.map(() => null));
});
