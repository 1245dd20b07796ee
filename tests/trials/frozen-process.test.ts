import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect, introspect } from "./accounts";
import { tell } from "./figures";
import { random } from "./random";
import { sized } from "./sizes";

const lifetimeMs = 3_600_000;
const runs = sized(2, 30);
const atOnce = sized(2, 6);
const slowestMs = sized(3_000, 15_000);
const frozenForMs = sized(1_000, 10_000);

let usher: Installation;
let admin: Visitor;
let provider: AuthorizationServer;

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000, reuseGraceSeconds: 0 });
});
afterAll(async () => {
  await usher.close();
  await provider.close();
});

/** The caller leaves, the function is frozen 1 s after the work it announced is done, and never wakes. */
async function freeze(account: Account, leaveAfterMs: number): Promise<boolean> {
  const worker = await RefreshWorker.start({ env: usher.env });
  await worker.run("setClock", { ms: lifetimeMs + 60_000 });
  await worker.run("callAndLeave", { owner: account.owner, leaveAfterMs });
  await sleep(1_000);
  worker.freeze();
  await sleep(frozenForMs);
  await worker.kill();

  const survivor = await RefreshWorker.start({ env: usher.env });
  await survivor.run("setClock", { ms: 2 * lifetimeMs + 120_000 });
  const { token } = await survivor.run("callUntilSettled", { owner: account.owner, forMs: 90_000 });
  await survivor.kill();
  return token !== null && (await introspect(provider, token)).active;
}

it("a function that is frozen once its work is done loses no grant", async () => {
  const next = random(7);
  let lost = 0;
  for (let begun = 0; begun < runs; begun += atOnce) {
    const accounts = [];
    for (let n = begun; n < Math.min(begun + atOnce, runs); n++) {
      accounts.push(await connect(usher, admin, provider));
    }
    const latencyMs = slowestMs * (0.2 + 0.8 * next());
    provider.setTokenEndpointLatency(latencyMs);
    const alive = accounts.map((account) => freeze(account, latencyMs * next()));
    // The next caller asks a healthy provider.
    const slow = sleep(latencyMs + 2_000).then(() => provider.setTokenEndpointLatency(0));
    lost += (await Promise.all(alive)).filter((isAlive) => !isAlive).length;
    await slow;
  }
  tell("Frozen after its work, then killed: grants lost (bar: 0)", `${lost} of ${runs}`);
  expect(lost).toBe(0);
});
