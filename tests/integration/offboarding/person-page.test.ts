import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as receiptsRoute } from "@/app/api/people/[userId]/receipts/route";
import { GET as personRoute } from "@/app/api/people/[userId]/route";
import { DELETE as sessionRoute } from "@/app/api/people/[userId]/sessions/[sessionId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PersonPage } from "@/lib/contracts/people/person-page";
import { createServer } from "@/lib/servers/save";
import { sealPersonalKey } from "@/lib/tokens/personal-key";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";
import { change, createOwnServer, hour, sweep } from "./stage";

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let person: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  person = await usher.join("ADMIN", "Pia Page");
  serverId = await createOwnServer(usher, provider);
  await authorize(person, serverId);
  await usher.settle();
});
afterEach(async () => {
  await provider.revokeGrantsOf("ada");
  await provider.revokeGrantsOf("grace");
  await usher.close();
});

async function page(): Promise<PersonPage> {
  const { id } = person.user;
  const answer = await admin.visit(personRoute, {
    ...{ path: `/api/people/${id}`, params: { userId: id } },
  });
  expect(answer.status).toBe(200);
  return answer.json() as Promise<PersonPage>;
}

const endSession = (userId: string, sessionId: string) =>
  admin.visit(sessionRoute, {
    ...{ path: `/api/people/${userId}/sessions/${sessionId}`, params: { userId, sessionId } },
    method: "DELETE",
  });

describe("a person's page", () => {
  it("lists accounts, keys, shared accounts and sessions, and no secret", async () => {
    const { db, keyring } = usher.app;
    const shared = await createServer(usher.app, oauthServerInput(provider, { name: "Shared" }));
    await authorize(person, shared, "grace");
    const key = { serverId: shared, userId: person.user.id };
    const valuesSealed = sealPersonalKey(keyring, key, { "X-Key": "canary" });
    await db.personalKey.create({
      data: { ...key, valuesSealed, headerNames: ["X-Key"], savedAt: new Date() },
    });
    const seen = await page();
    expect(seen).toMatchObject({
      person: { name: "Pia Page", disabled: false },
      accounts: [
        { serverName: "Own accounts", kind: "oauth", standing: { status: "connected" } },
        { serverName: "Shared", kind: "key", standing: null },
      ],
      ...{ sharedServers: [{ serverName: "Shared" }], runningChats: 0, receipts: [] },
    });
    expect(seen.sessions).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toMatch(/canary|Sealed|v1\./);
  });

  it("shows since when an account is connected, not when it was refreshed", async () => {
    clock.advance(2 * hour);
    expect(await sweep(usher)).toMatchObject({ refreshed: 1 });
    const [account] = (await page()).accounts;
    const server = await admin.visit(serverRoute, {
      ...{ path: `/api/mcp-servers/${serverId}`, params: { serverId } },
    });
    const { accountOwners } = (await server.json()) as { accountOwners: { since: string }[] };
    for (const since of [account?.since, accountOwners[0]?.since]) {
      expect(clock.now().getTime() - Date.parse(since ?? "")).toBeGreaterThan(hour);
    }
  });

  it("has a receipt for each account after they were disabled, also as a file", async () => {
    await change(admin, person, { disabled: true });
    const { accounts, sessions, receipts } = await page();
    expect([accounts, sessions]).toEqual([[], []]);
    expect(receipts).toMatchObject([
      { serverName: "Own accounts", outcome: "revoked", provider: new URL(provider.url).host },
    ]);
    const { id } = person.user;
    const file = await admin.visit(receiptsRoute, {
      ...{ path: `/api/people/${id}/receipts`, params: { userId: id } },
    });
    const [header, row, ...rest] = (await file.text()).trimEnd().split("\r\n");
    expect(header).toContain("serverName,serverId,provider,accountName,outcome,answer");
    expect(row).toContain(`"Own accounts","${serverId}"`);
    expect(row).toContain('"revoked"');
    expect(rest).toEqual([]);
  });

  it("ends a session at the next request, and only one of this person's", async () => {
    const [session] = (await page()).sessions;
    const mine = await usher.app.db.session.findFirstOrThrow({
      where: { userId: admin.user.id },
    });
    expect((await endSession(person.user.id, mine.id)).status).toBe(404);
    expect((await endSession(person.user.id, session?.id ?? "")).status).toBe(204);
    expect((await person.visit(connectionsRoute, { path: "/api/connections" })).status).toBe(401);
    expect((await admin.visit(connectionsRoute, { path: "/api/connections" })).status).toBe(200);
    expect((await endSession(person.user.id, session?.id ?? "")).status).toBe(404);
  });
});
