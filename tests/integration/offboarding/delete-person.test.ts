import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DELETE as deleteRoute, GET as personRoute } from "@/app/api/people/[userId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { AuthorizationRequiredError } from "@/lib/errors";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
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
  provider.forgetRequests();
});
afterEach(async () => {
  provider.stopFailing();
  provider.setTokenEndpointLatency(0);
  await provider.revokeGrantsOf("ada");
  await usher.close();
});

function remove(asker: Visitor, { user: { id } }: Visitor, erase = false): Promise<Response> {
  return asker.visit(deleteRoute, {
    ...{ path: `/api/people/${id}?erase=${erase}`, params: { userId: id }, method: "DELETE" },
  });
}

async function pageOf({ user: { id } }: Visitor): Promise<Response> {
  return admin.visit(personRoute, { path: `/api/people/${id}`, params: { userId: id } });
}

describe("deleting a person", () => {
  it("revokes their accounts, deletes what is theirs, and keeps receipts and the audit", async () => {
    const { db } = usher.app;
    await db.conversation.create({ data: { userId: member.user.id, title: "Theirs" } });
    const answer = await remove(admin, member);
    expect([answer.status, await answer.json()]).toEqual([200, { receipts: 1 }]);

    expect(await db.user.findUnique({ where: { id: member.user.id } })).toBeNull();
    expect([await db.conversation.count(), await db.storedTokenSet.count()]).toEqual([0, 0]);
    expect(provider.countGrantsOf("ada")).toBe(0);
    expect(await (await pageOf(member)).json()).toMatchObject({
      person: null,
      receipts: [{ serverName: "Own accounts", outcome: "revoked" }],
    });
    const events = await db.auditEvent.findMany({ where: { action: "person.delete" } });
    expect(events).toMatchObject([
      { actorEmail: admin.user.email, details: { email: member.user.email, conversations: 1 } },
    ]);
    const theirs = await db.auditEvent.findMany({ where: { actorId: member.user.id } });
    expect(new Set(theirs.map(({ actorEmail }) => actorEmail))).toEqual(
      new Set([member.user.email]),
    );
  });

  it("is refused to a member, for oneself, and for a deleted person; nothing changes", async () => {
    expect((await remove(member, admin)).status).toBe(403);
    const own = await remove(admin, admin);
    expect(own.status).toBe(409);
    expect(await own.text()).toContain("Ask another admin");
    expect(await usher.app.db.user.count({ where: { disabledAt: null } })).toBe(2);
    await remove(admin, member);
    expect((await remove(admin, member)).status).toBe(404);
    expect(await usher.app.db.auditEvent.count({ where: { action: "person.delete" } })).toBe(1);
  });

  it("revokes tokens that a provider issues during the deletion", async () => {
    clock.advance(hour);
    provider.setTokenEndpointLatency(1500);
    const refreshes = () => provider.tokenRequests.refresh_token ?? 0;
    const owner = { serverId, ownerKey: member.user.id };
    const call = accessToken(usher.app, owner).catch(() => null);
    await expect.poll(refreshes).toBe(1);
    expect((await remove(admin, member)).status).toBe(200);
    await call;
    await expect(accessToken(usher.app, owner)).rejects.toThrow(AuthorizationRequiredError);
    clock.advance(5 * minute);
    await endLeases(usher);
    await sweep(usher);
    expect(provider.countGrantsOf("ada")).toBe(0);
    expect(refreshes()).toBe(1);
    expect(await usher.app.db.tokenRevocation.count({ where: { outcome: "PENDING" } })).toBe(0);
  });

  it("notifies an unavailable provider later, even though the person is gone", async () => {
    provider.failNextRevocationRequests(Number.POSITIVE_INFINITY, {
      ...{ kind: "status", status: 503 },
    });
    expect((await remove(admin, member)).status).toBe(200);
    expect(provider.countGrantsOf("ada")).toBe(1);
    provider.stopFailing();
    clock.advance(hour);
    await endLeases(usher);
    await sweep(usher);
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it("also works for a person who was disabled before", async () => {
    await change(admin, member, { disabled: true });
    expect(await (await remove(admin, member)).json()).toEqual({ receipts: 1 });
    expect(await usher.app.db.user.count()).toBe(1);
  });
});

describe("erasing a deleted person from the audit", () => {
  const gone = () => `Deleted person ${member.user.id.slice(0, 8)}`;

  /** Everything that the database contains in plain text. */
  async function allText(): Promise<string> {
    const { db } = usher.app;
    const rows = await Promise.all([
      db.auditEvent.findMany(),
      db.auditName.findMany(),
      db.tokenRevocation.findMany(),
      db.user.findMany(),
      db.invitation.findMany(),
      db.flowRecord.findMany(),
    ]);
    return JSON.stringify(rows);
  }

  it("replaces name, addresses and accounts everywhere, and keeps what they did", async () => {
    const { db } = usher.app;
    const { id, email, name } = member.user;
    const shared = await createServer(usher.app, oauthServerInput(provider, { name: "Shared" }));
    await db.auditEvent.createMany({
      data: [
        {
          ...{ action: "tool.call", actorId: id, actorEmail: email, ipAddress: "192.0.2.7" },
          ...{ serverId, ownerKey: id, at: new Date(Date.now() - 90 * 24 * hour) },
          details: { tool: "read", actingAs: "ada@provider.example", outcome: "succeeded" },
        },
        {
          ...{ action: "tool.call", actorId: admin.user.id, actorEmail: admin.user.email },
          ...{ serverId: shared, ownerKey: "shared" },
          details: { tool: "read", actingAs: `shared account authorized by ${name}` },
        },
        {
          ...{ action: "person.change-profile", actorId: id, actorEmail: email },
          details: { name, email, before: "earlier@team.example" },
        },
        {
          ...{ action: "assistant.access", actorId: admin.user.id, actorEmail: admin.user.email },
          details: { people: [email, admin.user.email], assistant: email },
        },
        { action: "sign-in.fail", actorId: null, actorEmail: email, details: {} },
      ],
    });
    const before = await db.auditEvent.count();
    expect((await remove(admin, member, true)).status).toBe(200);

    const events = await db.auditEvent.findMany();
    const call = events.find(({ ipAddress, actorId }) => actorId === id && ipAddress !== null);
    expect(call).toBeUndefined();
    expect(events).toEqual(
      expect.arrayContaining(
        [
          {
            ...{ actorId: id, actorEmail: gone(), ownerKey: id, ipAddress: null },
            details: { tool: "read", actingAs: gone(), outcome: "succeeded" },
          },
          {
            actorEmail: admin.user.email,
            details: { tool: "read", actingAs: `shared account authorized by ${gone()}` },
          },
          // The name of an assistant is not a person's, whatever it is.
          {
            actorEmail: admin.user.email,
            details: { people: [gone(), admin.user.email], assistant: email },
          },
          { action: "sign-in.fail", actorEmail: gone() },
          { action: "person.delete", details: { email: gone(), conversations: 0, erased: true } },
        ].map((event) => expect.objectContaining(event)),
      ),
    );
    expect(events.length).toBeGreaterThan(before);
    const text = (await allText()).replaceAll(`"assistant":"${email}"`, "");
    for (const trace of [email, name, "earlier@team.example", "ada@provider.example"]) {
      expect(text).not.toContain(trace);
    }
    const names = await db.auditName.findMany({ where: { value: { contains: gone() } } });
    expect(names).toEqual(
      expect.arrayContaining([
        { field: "person", value: gone() },
        { field: "account", value: gone() },
        { field: "account", value: `shared account authorized by ${gone()}` },
      ]),
    );
  });

  it("does not affect a person who now has an address that was theirs, or the same name", async () => {
    const { db } = usher.app;
    const other = await usher.join("MEMBER", member.user.name);
    const by = (visitor: Visitor, actorEmail: string) => ({
      ...{ action: "tool.call", actorId: visitor.user.id, actorEmail },
      details: { actingAs: `shared account authorized by ${member.user.name}` },
    });
    await db.auditEvent.createMany({
      data: [by(member, other.user.email), by(other, other.user.email)],
    });
    await remove(admin, member, true);
    const events = await db.auditEvent.findMany({ where: { actorId: other.user.id } });
    expect(new Set(events.map(({ actorEmail }) => actorEmail))).toEqual(
      new Set([other.user.email]),
    );
    expect(JSON.stringify(events)).toContain(`authorized by ${member.user.name}`);
    expect(
      await db.auditEvent.count({
        where: { actorId: member.user.id, actorEmail: { not: gone() } },
      }),
    ).toBe(0);
    expect(await db.auditName.count({ where: { value: other.user.email } })).toBe(1);
  });
});
