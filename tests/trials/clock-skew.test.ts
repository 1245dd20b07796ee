import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createApp } from "@/lib/app";
import type { AppContext } from "@/lib/app/context";
import { readEnv } from "@/lib/env";
import { AuthorizationRequiredError } from "@/lib/errors";
import { bearerSource } from "@/lib/tokens/access-token";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type Account, connect, introspect, refreshPosts } from "./accounts";
import { tell } from "./figures";
import { sized } from "./sizes";

const minute = 60_000;
const runForMs = sized(13, 60) * 1000;

let usher: Installation;
const replicas: AppContext[] = [];
const providers: AuthorizationServer[] = [];

beforeAll(async () => {
  usher = await startInstallation();
});
afterAll(async () => {
  for (const { db, mcp } of replicas) {
    await mcp.close();
    await db.$disconnect();
  }
  await usher.close();
  await Promise.all(providers.map((provider) => provider.close()));
});

/** A replica whose clock is off by this much; the provider's is right. */
function replica(offMs: number): AppContext {
  const app = createApp(readEnv(usher.env), () => new Date(Date.now() + offMs));
  replicas.push(app);
  return app;
}

async function account(accessTokenLifetime: number): Promise<Account> {
  const provider = await startProvider({ accessTokenLifetime });
  providers.push(provider);
  return connect(usher, await usher.join("ADMIN"), provider);
}

/** A call as the MCP client makes it; the provider's introspection takes the place of the MCP server. */
async function call(ctx: AppContext, { owner, provider }: Account) {
  const bearer = bearerSource(ctx, owner);
  const token = await bearer.token();
  if ((await introspect(provider, token)).active) return { refused: 0 };
  const better = await bearer.replace(token);
  if ((await introspect(provider, better)).active) return { refused: 1 };
  return bearer.reject(better);
}

/** Alternating calls, for this long. */
async function callByTurns(contexts: AppContext[], at: Account) {
  const seen = { calls: 0, prompts: 0, refused: 0 };
  const endAt = Date.now() + runForMs;
  for (let n = 0; Date.now() < endAt; n++) {
    const ctx = contexts[n % contexts.length];
    if (!ctx) break;
    try {
      seen.refused += (await call(ctx, at)).refused;
    } catch (error) {
      if (!(error instanceof AuthorizationRequiredError)) throw error;
      seen.prompts += 1;
    }
    seen.calls += 1;
    await sleep(50);
  }
  return seen;
}

const skews = [
  ["10 min ahead beside 10 min behind", [10 * minute, -10 * minute]],
  ["right beside 10 min ahead", [0, 10 * minute]],
  ["right beside 10 min behind", [0, -10 * minute]],
  ["all 10 min ahead", [10 * minute, 10 * minute]],
] as const;

describe("replicas whose clocks are wrong", () => {
  it.concurrent.each(skews)(
    "%s: tokens of 6 s are renewed once or twice in their lifetime",
    async (what, offsets) => {
      // Twice as long as a replica keeps a token in memory: when it finds that one expired, what another
      // replica has stored in the meantime is still valid.
      const lifetimeSeconds = 6;
      const at = await account(lifetimeSeconds);
      const seen = await callByTurns(offsets.map(replica), at);
      const posts = refreshPosts(at).length;
      const lifetimes = runForMs / 1000 / lifetimeSeconds;
      tell(
        `clocks ${what}, tokens of ${lifetimeSeconds} s for ${runForMs / 1000} s: no refresh loop, no prompt`,
        `${posts} POSTs in ${Math.round(lifetimes)} lifetimes, ${seen.calls} calls, ${seen.prompts} prompts, ${seen.refused} answered 401 first`,
      );
      expect(seen.prompts).toBe(0);
      // Each of two clocks may find the other one's token expired, once.
      expect(posts).toBeLessThanOrEqual(2 * lifetimes + 4);
      expect(seen.calls).toBeGreaterThan(posts * 2);
    },
  );

  it.each(skews)("%s: tokens of an hour are not renewed early", async (_, offsets) => {
    const at = await account(3600);
    const contexts = offsets.map(replica);
    for (let n = 0; n < 40; n++) await call(contexts[n % 2] ?? usher.app, at);
    for (const ctx of contexts) {
      await runRefreshSweep(ctx, { trigger: "manual", claimForMs: 10_000, concurrency: 8 });
    }
    expect(refreshPosts(at)).toEqual([]);
  });

  it("alternating sweeps do not refresh each other's tokens forever", async () => {
    // Shorter than the skew: what one saves expired long ago for the other.
    const at = await account(120);
    const contexts = [replica(10 * minute), replica(-10 * minute)];
    for (let n = 0; n < 20; n++) {
      const ctx = contexts[n % 2] ?? usher.app;
      await runRefreshSweep(ctx, { trigger: "manual", claimForMs: 10_000, concurrency: 8 });
    }
    const posts = refreshPosts(at).length;
    tell("clocks ± 10 min, 20 sweeps by turns at a token of 2 min: no loop", `${posts} POSTs`);
    expect(posts).toBeLessThanOrEqual(2);
  });
});
