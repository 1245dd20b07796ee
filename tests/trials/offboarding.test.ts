import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { revoke } from "@/lib/authorization/revoke";
import { sweepRevocations } from "@/lib/tokens/revocation/revocation-sweep";
import { endLeases } from "@/tests/integration/offboarding/stage";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import type { DeathPoint } from "@/tests/support/refresh-worker";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect, consentTo, introspect, refreshPosts } from "./accounts";
import { tell } from "./figures";
import { random } from "./random";
import { sized } from "./sizes";

const runs = sized(3, 30);
const lifetimeMs = 3_600_000;
const accountsEach = 2;

let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetimeMs / 1000 });
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterAll(async () => {
  await usher.close();
  await provider.close();
});

const next = random(19);

/** A new person with their own accounts. */
async function joinWithAccounts(): Promise<{ person: Visitor; accounts: Account[] }> {
  const person = await usher.join("MEMBER");
  const accounts: Account[] = [];
  for (let count = 0; count < accountsEach; count++) {
    const { owner, ...rest } = await connect(usher, admin, provider, { tokenSharing: "PER_USER" });
    // `connect` consented for the admin, whose refreshes would be counted.
    await revoke(usher.app, admin.actor, { serverId: owner.serverId });
    const account = { ...rest, owner: { ...owner, ownerKey: person.user.id } };
    await consentTo(usher.app, person, account);
    accounts.push(account);
  }
  return { person, accounts };
}

const posts = (accounts: readonly Account[]) => accounts.flatMap(refreshPosts).length;

function disable(person: Visitor): Promise<Response> {
  const userId = person.user.id;
  return admin.visit(personRoute, {
    ...{ path: `/api/people/${userId}`, params: { userId }, method: "PATCH" },
    json: { disabled: true },
  });
}

/** Its clock is an hour ahead: every newly issued token has expired for it. */
async function startWorker(): Promise<RefreshWorker> {
  const worker = await RefreshWorker.start({ env: usher.env });
  await worker.run("setClock", { ms: lifetimeMs + 60_000 });
  return worker;
}

const pending = () => usher.app.db.tokenRevocation.count({ where: { outcome: "PENDING" } });

/** Waits until no notification is left. */
async function revokeAll(): Promise<void> {
  for (let tries = 0; tries < 5 && (tries === 0 || (await pending()) > 0); tries++) {
    await endLeases(usher);
    await usher.app.db
      .$executeRaw`UPDATE "TokenRevocation" SET "nextAttemptAt" = now() - interval '1 minute'`;
    await sweepRevocations(usher.app);
  }
}

describe("disabling a person while another process's sweep and calls refresh their accounts", () => {
  it("sends no token request after the answer, and every token is dead at the provider", async () => {
    const worker = await startWorker();
    let late = 0;
    let alive = 0;
    let during = 0;
    try {
      for (let run = 0; run < runs; run++) {
        const { person, accounts } = await joinWithAccounts();
        const owners = accounts.map(({ owner }) => owner);
        provider.setTokenEndpointLatency(Math.round(next() * 400));
        let ended = false;
        const refreshing = Promise.all([
          worker.run("sweep", { concurrency: 8, claimForMs: 2000 }),
          worker.run("callEach", { owners }),
        ]).finally(() => {
          ended = true;
        });
        await sleep(next() * 300);
        if (!ended) during += 1;
        expect((await disable(person)).status).toBe(200);
        const sent = posts(accounts);
        const [, calls] = await refreshing;
        await worker.run("sweep", { concurrency: 8, claimForMs: 2000 });
        await worker.run("callEach", { owners });
        await worker.run("settle", undefined);
        late += posts(accounts) - sent;
        await revokeAll();
        expect(await usher.app.db.storedTokenSet.count({ where: { userId: person.user.id } })).toBe(
          0,
        );
        for (const { token } of calls) {
          if (token !== null && (await introspect(provider, token)).active) alive += 1;
        }
      }
    } finally {
      await worker.kill();
    }
    const receipts = await usher.app.db.tokenRevocation.groupBy({ by: ["outcome"], _count: true });
    tell(
      `disabling during refreshes, ${runs} runs: 0 token requests after the answer, 0 tokens alive`,
      `${late} requests, ${alive} tokens alive; refreshes were under way in ${during}`,
    );
    expect(late).toBe(0);
    expect(alive).toBe(0);
    expect(receipts.map(({ outcome }) => outcome)).toEqual(["REVOKED"]);
  });

  it("loses nothing if its process is killed at any step", async () => {
    let disabled = 0;
    for (let run = 0; run < runs; run++) {
      const { person } = await joinWithAccounts();
      const worker = await RefreshWorker.start({ env: usher.env });
      const point: DeathPoint = {
        step: Math.floor(next() * 24),
        moment: next() < 0.5 ? "before" : "after",
        afterMs: 0,
      };
      await worker.run("dieAt", point);
      const asked = { actor: { ...admin.actor }, userId: person.user.id };
      await worker.run("disable", asked).catch(() => null);
      await worker.kill();
      const row = await usher.app.db.user.findUniqueOrThrow({ where: { id: person.user.id } });
      if (row.disabledAt === null) continue;
      disabled += 1;
      await revokeAll();
      const kept = await usher.app.db.tokenRevocation.findMany({ where: { userId: row.id } });
      expect(kept.map(({ outcome }) => outcome)).toEqual(Array(accountsEach).fill("REVOKED"));
      expect(await usher.app.db.storedTokenSet.count({ where: { userId: row.id } })).toBe(0);
    }
    tell(
      `disabling, killed at any step, ${runs} runs`,
      `${disabled} were disabled, none forgotten`,
    );
  });
});
