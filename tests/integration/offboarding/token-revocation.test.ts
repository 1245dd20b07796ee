import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { deleteServer, revoke } from "@/lib/authorization/revoke";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";
import { change, createOwnServer, endLeases, hour, minute, sweep } from "./stage";

let provider: AuthorizationServer;
let clock: Clock;
let usher: Installation;
let admin: Visitor;
let member: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
});
afterAll(() => provider.close());
beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  serverId = await createOwnServer(usher, provider);
  await authorize(member, serverId);
  await usher.settle();
});
afterEach(async () => {
  provider.stopFailing();
  provider.setTokenEndpointLatency(0);
  await provider.revokeGrantsOf("ada");
  await usher.close();
});

const awayForever = (
  kind: { kind: "reset" } | { kind: "status"; status: number; error?: string },
) => provider.failNextRevocationRequests(Number.POSITIVE_INFINITY, kind);
const receipt = () => usher.app.db.tokenRevocation.findFirstOrThrow();
const disable = () => change(admin, member, { disabled: true });

describe("a provider that is unavailable when a person is disabled", () => {
  it("is notified by the first sweep after its return, an hour later", async () => {
    awayForever({ kind: "reset" });
    expect((await disable()).status).toBe(200);
    for (let minutes = 0; minutes < 60; minutes += 5) {
      clock.advance(5 * minute);
      await sweep(usher);
      expect(await receipt()).toMatchObject({
        outcome: "PENDING",
        accessTokenSealed: expect.stringMatching(/^v1\./),
      });
    }
    provider.stopFailing();
    clock.advance(5 * minute);
    await sweep(usher);
    expect(await receipt()).toMatchObject({ outcome: "REVOKED", accessTokenSealed: null });
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it("is notified even though the server was deleted in the meantime, with its client's secret", async () => {
    awayForever({ kind: "reset" });
    await disable();
    await deleteServer(usher.app, admin.actor, serverId, "Own accounts");
    provider.stopFailing();
    clock.advance(5 * minute);
    await sweep(usher);
    expect(await receipt()).toMatchObject({ outcome: "REVOKED", clientSecretSealed: null });
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it("is abandoned after a week, and the receipt says so without a secret", async () => {
    awayForever({ kind: "reset" });
    await disable();
    clock.advance(7 * 24 * hour);
    await sweep(usher);
    expect(await receipt()).toMatchObject({
      ...{ outcome: "GAVE_UP", answer: expect.stringMatching(/Usher tried for 7 days\.$/) },
      ...{ accessTokenSealed: null, refreshTokenSealed: null, clientSecretSealed: null },
    });
  });

  it("is asked for one account per sweep while it does not answer", async () => {
    for (const name of ["Second", "Third"]) {
      await authorize(member, await createOwnServer(usher, provider, name));
    }
    await usher.settle();
    awayForever({ kind: "reset" });
    await disable();
    clock.advance(5 * minute);
    provider.forgetRequests();
    await sweep(usher);
    provider.stopFailing();
    clock.advance(5 * minute);
    await sweep(usher);
    expect(await usher.app.db.tokenRevocation.count({ where: { outcome: "REVOKED" } })).toBe(3);
  });
});

describe("a receipt", () => {
  it("says that a provider refused permanently", async () => {
    awayForever({ kind: "status", status: 401, error: "invalid_client" });
    await disable();
    expect(await receipt()).toMatchObject({
      outcome: "REFUSED",
      answer: expect.stringMatching(/invalid_client/),
    });
    expect((await receipt()).accessTokenSealed).toBeNull();
  });

  it("says that there is no revocation URL", async () => {
    await usher.app.db.oAuthClient.updateMany({ data: { revocationEndpoint: null } });
    await disable();
    expect(await receipt()).toMatchObject({ outcome: "NO_ENDPOINT" });
    expect((await receipt()).accessUntil).not.toBeNull();
  });

  it("goes to no one else if the server's client was changed after the consent", async () => {
    await usher.app.db.oAuthClient.updateMany({
      data: { tokenEndpoint: "https://elsewhere.example/token" },
    });
    provider.forgetRequests();
    await disable();
    expect(await receipt()).toMatchObject({ outcome: "NO_ENDPOINT", client: null });
    expect(provider.requests.filter(({ path }) => path === "/revoke")).toEqual([]);
  });
});

describe("a process that dies", () => {
  it("after it claimed a revocation leaves it to the next sweep", async () => {
    awayForever({ kind: "reset" });
    await disable();
    await usher.app.db.$executeRaw`
      UPDATE "TokenRevocation" SET "leaseId" = 'dead', "leaseUntil" = now() + interval '1 minute'`;
    provider.stopFailing();
    clock.advance(5 * minute);
    await sweep(usher);
    expect((await receipt()).outcome).toBe("PENDING");
    await endLeases(usher);
    await sweep(usher);
    expect((await receipt()).outcome).toBe("REVOKED");
  });

  it("between two concurrent sweeps has each provider notified once", async () => {
    awayForever({ kind: "reset" });
    await disable();
    provider.stopFailing();
    provider.forgetRequests();
    clock.advance(5 * minute);
    await Promise.all([sweep(usher), sweep(usher), sweep(usher)]);
    const told = provider.requests.filter(({ path }) => path === "/revoke");
    expect(told).toHaveLength(2);
  });
});

describe("an account that is authorized again before its old tokens are revoked", () => {
  const disconnectWhileAway = async () => {
    awayForever({ kind: "reset" });
    const owner = { serverId, ownerKey: member.user.id };
    expect((await revoke(usher.app, member.actor, owner)).provider).toBe("retrying");
    provider.stopFailing();
    provider.forgetRequests();
    clock.advance(5 * minute);
  };
  const revocations = () => provider.requests.filter(({ path }) => path === "/revoke");

  it("keeps its new grant: nothing is revoked, and the receipt says why", async () => {
    await disconnectWhileAway();
    await authorize(member, serverId);
    await sweep(usher);
    expect(revocations()).toEqual([]);
    expect(await receipt()).toMatchObject({
      ...{ outcome: "AUTHORIZED_AGAIN", answer: expect.stringMatching(/^Not revoked/) },
      ...{ accessTokenSealed: null, refreshTokenSealed: null },
    });
  });

  it("is revoked if it is a different account at the provider", async () => {
    await disconnectWhileAway();
    await usher.app.db.tokenRevocation.updateMany({ data: { accountName: "ada@example.com" } });
    await authorize(member, serverId);
    await usher.app.db.storedTokenSet.updateMany({ data: { accountName: "grace@example.com" } });
    await sweep(usher);
    expect(revocations().length).toBeGreaterThan(0);
    expect((await receipt()).outcome).toBe("REVOKED");
  });
});

describe("tokens that a provider issues after a disconnect", () => {
  it("are kept and revoked once it returns, if it is unavailable at that moment", async () => {
    clock.advance(hour);
    provider.setTokenEndpointLatency(1500);
    const owner = { serverId, ownerKey: member.user.id };
    const call = accessToken(usher.app, owner).catch(() => null);
    await expect
      .poll(() => provider.tokenRequests.refresh_token ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0);
    awayForever({ kind: "status", status: 503 });
    const result = await revoke(usher.app, member.actor, owner);
    expect(result).toMatchObject({
      provider: "retrying",
      message: expect.stringMatching(/keeps trying for 7 days/),
    });
    await call;
    await usher.app.underWay.settled();
    expect(await usher.app.db.tokenRevocation.count({ where: { outcome: "PENDING" } })).toBe(2);
    provider.stopFailing();
    clock.advance(5 * minute);
    await sweep(usher);
    expect(await usher.app.db.tokenRevocation.count({ where: { outcome: "REVOKED" } })).toBe(2);
    expect(provider.countGrantsOf("ada")).toBe(0);
  });
});
