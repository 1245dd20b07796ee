import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { revoke } from "@/lib/authorization/revoke";
import { accessToken } from "@/lib/tokens/access-token";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect, consentTo, introspect, refreshPosts } from "./accounts";
import { tell } from "./figures";
import { random } from "./random";
import { sized } from "./sizes";

const runs = sized(20, 100);
const lifetimeMs = 3_600_000;
/** Of the token endpoint, at most: a consent takes longer than a revocation. */
const latency = { revocation: 60, consent: 400 };
/** How long another process may be unaware of a revocation; see lib/tokens/token-cache.ts. */
const cacheMs = 3000;

let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;
let worker: RefreshWorker;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  worker = await RefreshWorker.start({ env: usher.env });
  // For it, every newly issued token has expired.
  await worker.run("setClock", { ms: lifetimeMs + 60_000 });
});
afterAll(async () => {
  await worker.kill();
  await usher.close();
  await provider.close();
});

const next = random(7);

/** A refresh in the other process, at a moment before its request, before its response, or around the save. */
async function refreshUntilMoment({ owner, resource }: Account, latencyMs: number) {
  provider.setTokenEndpointLatency(Math.round(next() * latencyMs));
  const refreshing = worker.run("call", { owner, callers: 3 });
  let ended = false;
  void refreshing.then(() => {
    ended = true;
  });
  if (next() > 0.2) {
    const asked = () => refreshPosts({ owner, resource, provider }).length > 0;
    while (!asked() && !ended) await sleep(1);
  }
  await sleep(next() * 80);
  return { refreshing, ended: () => ended };
}

describe("during another process's refresh, at a random moment", () => {
  it("a revocation wins: no row comes back, here or at the provider", async () => {
    let rows = 0;
    let during = 0;
    let servedLater = 0;
    for (let run = 0; run < runs; run++) {
      const account = await connect(usher, admin, provider);
      const { owner } = account;
      provider.setRevocationEndpointLatency(Math.round(next() * 40));
      const { refreshing, ended } = await refreshUntilMoment(account, latency.revocation);
      if (!ended()) during += 1;
      await revoke(usher.app, admin.actor, { serverId: owner.serverId });
      const outcomes = await refreshing;
      rows += await usher.app.db.storedTokenSet.count({ where: owner });
      for (const { token, error } of outcomes) {
        if (token === null) expect(error).toBe("authorization_required");
        else expect((await introspect(provider, token)).active).toBe(false);
      }
      await worker.run("setClock", { ms: lifetimeMs + 60_000 + cacheMs * (run + 1) });
      const [after] = await worker.run("call", { owner, callers: 1 });
      if (after?.error !== "authorization_required") servedLater += 1;
    }
    tell(
      `revoke during a refresh, ${runs} runs: 0 rows come back`,
      `${rows} rows, ${provider.countGrantsOf("ada")} grants alive at the provider; the refresh was under way in ${during}`,
    );
    expect(rows).toBe(0);
    expect(servedLater).toBe(0);
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it("a new consent wins: its tokens stay", async () => {
    let kept = 0;
    let during = 0;
    for (let run = 0; run < runs; run++) {
      const account = await connect(usher, admin, provider);
      const { owner } = account;
      const { refreshing, ended } = await refreshUntilMoment(account, latency.consent);
      // For the consent's own request.
      provider.setTokenEndpointLatency(0);
      // Many providers end the old access with a new consent.
      if (run % 2 === 0) await provider.revokeGrantsOf("ada");
      await consentTo(usher.app, admin, account, "grace");
      if (!ended()) during += 1;
      const outcomes = await refreshing;
      expect(outcomes.filter(({ error }) => error === "internal")).toEqual([]);
      const token = await accessToken(usher.app, owner);
      expect(await introspect(provider, token)).toMatchObject({ active: true, sub: "grace" });
      const [refreshed] = await worker.run("call", { owner, callers: 1 });
      const told = await introspect(provider, refreshed?.token ?? "");
      expect(told).toMatchObject({ active: true, sub: "grace" });
      kept += 1;
    }
    tell(
      `authorize during a refresh, ${runs} runs: the new tokens stay`,
      `${kept} of ${runs} kept; the refresh was under way in ${during}`,
    );
  });
});
