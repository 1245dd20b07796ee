import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as decideRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createAssistant } from "@/lib/assistants/assistant";
import { AuthorizationRequiredError } from "@/lib/errors";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { sealPersonalKey } from "@/lib/tokens/personal-key";
import { authorize, clickAuthorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import {
  type Installation,
  startInstallation,
  startProvider,
  visitorFor,
} from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";
import { change, createOwnServer, hour, minute, sweep } from "./stage";

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

const owner = () => ({ serverId, ownerKey: member.user.id });
const refreshes = () => provider.tokenRequests.refresh_token ?? 0;

/** This person's call that waits for confirmation. */
async function addPausedCall(): Promise<{ conversationId: string; pausedToolCallId: string }> {
  const { db } = usher.app;
  const assistant = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Files", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  const { id } = await db.conversation.create({
    data: { userId: member.user.id, title: "Deleting files", assistantId: assistant.id },
  });
  const call = await db.pausedToolCall.create({
    data: {
      ...{ conversationId: id, toolCallId: "call", serverId, toolName: "delete_file", input: {} },
      state: "AWAITING_CONFIRMATION",
    },
  });
  return { conversationId: id, pausedToolCallId: call.id };
}

describe("disabling a person", () => {
  it("ends sessions, flows, waiting calls, keys and tokens, and revokes at the provider", async () => {
    const { db, keyring } = usher.app;
    await addPausedCall();
    const key = { serverId, userId: member.user.id };
    const valuesSealed = sealPersonalKey(keyring, key, { "X-Key": "value" });
    await db.personalKey.create({
      data: { ...key, valuesSealed, headerNames: ["X-Key"], savedAt: clock.now() },
    });
    await clickAuthorize(member, serverId);
    expect((await change(admin, member, { disabled: true })).status).toBe(200);

    expect((await member.visit(connectionsRoute, { path: "/api/connections" })).status).toBe(401);
    const counts = await Promise.all([
      db.session.count({ where: { userId: member.user.id } }),
      db.storedTokenSet.count(),
      db.personalKey.count(),
      db.authorizationRequest.count(),
      db.pausedToolCall.count({ where: { state: { not: "SKIPPED" } } }),
    ]);
    expect(counts).toEqual([0, 0, 0, 0, 0]);
    expect(provider.countGrantsOf("ada")).toBe(0);
    const revoked = provider.requests.filter(({ path }) => path === "/revoke");
    expect(revoked.map(({ parameters }) => parameters.token_type_hint)).toEqual([
      "refresh_token",
      "access_token",
    ]);
    expect(await db.tokenRevocation.findFirst()).toMatchObject({
      ...{ outcome: "REVOKED", cause: "PERSON_DISABLED", userName: "Mia Member" },
      ...{ userEmail: member.user.email, serverName: "Own accounts", attempts: 1 },
      providerHost: new URL(provider.url).host,
      ...{ accessTokenSealed: null, refreshTokenSealed: null, clientSecretSealed: null },
    });
  });

  it("is recorded in the audit, with what ended and each provider's answer", async () => {
    await change(admin, member, { disabled: true });
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: { in: ["person.change", "connection.revoke-at-provider"] } },
      orderBy: { action: "desc" },
    });
    expect(events).toMatchObject([
      { actorEmail: admin.user.email, details: { disabled: true, sessions: 1, accounts: 1 } },
      {
        ...{ actorEmail: admin.user.email, serverId },
        details: { person: member.user.email, outcome: "REVOKED" },
      },
    ]);
  });

  it("does not affect shared accounts, even those that this person authorized", async () => {
    const other = await usher.join("ADMIN", "Otto Other");
    const shared = await createServer(usher.app, oauthServerInput(provider, { name: "Shared" }));
    await authorize(other, shared, "grace");
    await usher.settle();
    await change(admin, other, { disabled: true });
    expect(await accessToken(usher.app, { serverId: shared, ownerKey: "shared" })).toMatch(/./);
    clock.advance(hour);
    expect(await sweep(usher)).toMatchObject({ refreshed: 2, deferred: 0 });
    await provider.revokeGrantsOf("grace");
  });

  it("is refused to a member", async () => {
    expect((await change(member, admin, { disabled: true })).status).toBe(403);
    expect(await usher.app.db.tokenRevocation.count()).toBe(0);
  });

  it("restores nothing when they are enabled again: accounts ask for a new consent", async () => {
    await change(admin, member, { disabled: true });
    await change(admin, member, { disabled: false });
    const { db } = usher.app;
    const again = await visitorFor(
      usher.app,
      await db.user.findUniqueOrThrow({ where: { id: member.user.id } }),
    );
    const answer = await again.visit(connectionRoute, {
      ...{ path: `/api/connections/${serverId}`, params: { serverId } },
    });
    expect(await answer.json()).toMatchObject({
      connection: { standing: { status: "not_connected" } },
    });
    await expect(accessToken(usher.app, owner())).rejects.toThrow(AuthorizationRequiredError);
    clock.advance(hour);
    await sweep(usher);
    expect(refreshes()).toBe(0);
    await authorize(again, serverId);
    expect(await accessToken(usher.app, owner())).toMatch(/./);
  });

  it("skips a call that waits for their confirmation: it does not run, not even once they are enabled", async () => {
    const where = await addPausedCall();
    await change(admin, member, { disabled: true });
    await change(admin, member, { disabled: false });
    const user = await usher.app.db.user.findUniqueOrThrow({ where: { id: member.user.id } });
    const again = await visitorFor(usher.app, user);
    await authorize(again, serverId);
    const path = `/api/chat/conversations/${where.conversationId}/paused-tool-calls/${where.pausedToolCallId}`;
    const answer = await again.visit(decideRoute, {
      path,
      params: where,
      json: { decision: "run" },
    });
    expect(answer.status).toBe(409);
    const call = await usher.app.db.pausedToolCall.findFirstOrThrow();
    expect(call.state).toBe("SKIPPED");
  });
});

describe("a disabled person's tokens", () => {
  it("are neither used nor refreshed, whatever asks, and the sweep revokes what is left of them", async () => {
    // As for a person who was disabled before Usher revoked anything.
    await usher.app.db.user.update({
      where: { id: member.user.id },
      data: { disabledAt: clock.now() },
    });
    usher.app.forget(serverId);
    await expect(accessToken(usher.app, owner())).rejects.toThrow(AuthorizationRequiredError);
    clock.advance(hour);
    await expect(accessToken(usher.app, owner())).rejects.toThrow(AuthorizationRequiredError);
    expect(await sweep(usher)).toMatchObject({ refreshed: 0, remaining: 0 });
    expect(refreshes()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it("that are being refreshed at that moment are waited for, and the new ones are revoked", async () => {
    clock.advance(hour);
    provider.setTokenEndpointLatency(1500);
    const call = accessToken(usher.app, owner()).catch(() => null);
    await expect.poll(refreshes, { timeout: 20_000 }).toBe(1);
    await change(admin, member, { disabled: true });
    const sent = refreshes();
    await call;
    await sweep(usher);
    expect(sent).toBe(1);
    expect(refreshes()).toBe(1);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
    clock.advance(5 * minute);
    await sweep(usher);
    expect(provider.countGrantsOf("ada")).toBe(0);
  });
});
