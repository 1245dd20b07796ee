import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  DELETE as cancelRoute,
  GET as pollRoute,
} from "@/app/api/mcp-servers/[serverId]/authorizations/[authorizationId]/route";
import { POST as askRoute } from "@/app/api/mcp-servers/[serverId]/authorizations/route";
import { PUT as changeRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { flowLifetimeMs } from "@/lib/authorization/begin";
import { linkLifetimeMs } from "@/lib/authorization/link";
import { openAuthorizationLink } from "@/lib/authorization/open-link";
import { createServer } from "@/lib/servers/save";
import { createApiKey } from "@/lib/session/api-keys/authenticate";
import { openCallback } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import {
  type Installation,
  publicUrl,
  startInstallation,
  startProvider,
} from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

type Handler = Parameters<Visitor["visit"]>[0];

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let member: Visitor;
let shared: string;
let perUser: string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  shared = await createServer(usher.app, oauthServerInput(provider, { name: "Shared" }));
  perUser = await createServer(
    usher.app,
    oauthServerInput(provider, { name: "Personal", oauth: { tokenSharing: "PER_USER" } }),
  );
});
afterEach(async () => {
  provider.stopFailing();
  await usher.close();
});

async function keyOf(owner: Visitor | "service", scopes = ["connections:write"]): Promise<string> {
  const { secret, keyHash, prefix } = createApiKey();
  const whose = owner === "service" ? { role: "ADMIN" as const } : { userId: owner.user.id };
  await usher.app.db.apiKey.create({
    data: { ...whose, name: "Terminal", keyHash, prefix, scopes, createdAt: clock.now() },
  });
  return secret;
}

function call(handler: Handler, key: string, method: string, params: Record<string, string>) {
  const headers = { authorization: `Bearer ${key}` };
  const request = new Request(`${publicUrl}/api/anything`, { method, headers });
  return handler(request, { params: Promise.resolve(params as never) });
}

async function ask(key: string, serverId: string, account?: string) {
  const response = await askFor(key, serverId, account);
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string; authorizationUrl: string; interval: number };
}

function askFor(key: string, serverId: string, account?: string) {
  const query = account === undefined ? "" : `?account=${account}`;
  const request = new Request(`${publicUrl}/api/anything${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
  });
  return askRoute(request, { params: Promise.resolve({ serverId }) });
}

async function poll(key: string, serverId: string, id: string) {
  const response = await call(pollRoute, key, "GET", { serverId, authorizationId: id });
  return response.status === 200 ? response.json() : response.status;
}

/** As the click on the page does. @returns where the browser is sent */
async function confirm(
  visitor: Visitor,
  serverId: string,
  id: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const path = `/oauth/authorize/${serverId}?link=${id}`;
  const response = await visitor.visit(authorizeRoute, { path, params: { serverId }, headers });
  expect(response.status).toBe(303);
  return response.headers.get("location") ?? "";
}

async function finish(visitor: Visitor, authorizationUrl: string, decision?: "deny") {
  const url = await consent({ authorizationUrl, person: "ada", ...(decision ? { decision } : {}) });
  return (await openCallback(visitor, url)).headers.get("location") ?? "";
}

const opened = (visitor: Visitor, id: string) => openAuthorizationLink(usher.app, visitor.user, id);
const tokens = () => usher.app.db.storedTokenSet.findMany();

const pendingRequests = () =>
  usher.app.db.authorizationRequest.count({ where: { connectedAt: null } });

describe("a program that asks for a consent", () => {
  it("gets a link, polls, and learns that its person has connected their account", async () => {
    const key = await keyOf(member);
    const { id, authorizationUrl, interval } = await ask(key, perUser);
    expect(authorizationUrl).toBe(`${publicUrl}/oauth/link/${id}`);
    expect(interval).toBeGreaterThan(0);
    expect(await poll(key, perUser, id)).toMatchObject({ id, status: "pending", reason: null });
    expect(await opened(member, id)).toMatchObject({
      ...{ kind: "open", serverName: "Personal", shared: false },
      askedBy: expect.stringContaining(`of ${member.user.email}`),
    });
    // Opening it has not started anything.
    expect(await pendingRequests()).toBe(0);

    const location = await confirm(member, perUser, id);
    expect(location.startsWith(provider.issuer)).toBe(true);
    expect(await poll(key, perUser, id)).toMatchObject({ status: "pending" });
    expect(await finish(member, location)).toContain("authorized=1");
    expect(await poll(key, perUser, id)).toMatchObject({ status: "connected", reason: null });
    expect(await tokens()).toMatchObject([{ serverId: perUser, ownerKey: member.user.id }]);
    // Used once, and reported as it was, whatever happens later.
    expect(await opened(member, id)).toEqual({ kind: "over" });
    await usher.app.db.storedTokenSet.deleteMany();
    expect(await poll(key, perUser, id)).toMatchObject({ status: "connected" });
  });

  it("gets an admin's consent to the team's account when it is a service", async () => {
    const key = await keyOf("service");
    const { id } = await ask(key, shared);
    expect(await opened(admin, id)).toMatchObject({
      shared: true,
      askedBy: expect.stringMatching(/of a service$/),
    });
    await finish(admin, await confirm(admin, shared, id));
    expect(await poll(key, shared, id)).toMatchObject({ status: "connected" });
    expect(await tokens()).toMatchObject([{ ownerKey: "shared", authorizedById: admin.user.id }]);
    const refused = await call(askRoute, key, "POST", { serverId: perUser });
    expect(refused.status).toBe(403);
    expect((await refused.json()).error.message).toContain("A service has no account");
  });

  it("is told why it failed, and a second try by the same link counts", async () => {
    const key = await keyOf(member);
    const { id } = await ask(key, perUser);
    await finish(member, await confirm(member, perUser, id), "deny");
    const denied = await poll(key, perUser, id);
    expect(denied).toMatchObject({ status: "failed" });
    expect(denied.reason).not.toBe("");
    await finish(member, await confirm(member, perUser, id));
    expect(await poll(key, perUser, id)).toMatchObject({ status: "connected" });
  });

  it("is told that the link expired, before and after the page was opened", async () => {
    const key = await keyOf(member);
    const unopened = await ask(key, perUser);
    const { id } = await ask(key, perUser);
    const location = await confirm(member, perUser, id);
    clock.advance(Math.max(linkLifetimeMs, flowLifetimeMs));
    for (const each of [unopened.id, id]) {
      expect(await poll(key, perUser, each)).toMatchObject({ status: "expired" });
      expect(await opened(member, each)).toEqual({ kind: "over" });
    }
    expect(await finish(member, location)).toContain("authorization_error=expired");
    expect(await tokens()).toEqual([]);
  });

  it("is told when a change of the server ended the link", async () => {
    const key = await keyOf(admin, ["connections:write", "servers:write"]);
    const { id } = await ask(key, shared);
    await confirm(admin, shared, id);
    const json = oauthServerInput(provider, {
      name: "Shared",
      oauth: { tokenEndpoint: "https://elsewhere.example/token" },
    });
    const params = { serverId: shared };
    const path = `/api/mcp-servers/${shared}`;
    const changed = await admin.visit(changeRoute, { path, method: "PUT", params, json });
    expect(changed.status).toBe(200);
    expect(await poll(key, shared, id)).toMatchObject({ status: "failed" });
  });

  it("can cancel the link, which ends a flow started with it", async () => {
    const key = await keyOf(member);
    const { id } = await ask(key, perUser);
    const location = await confirm(member, perUser, id);
    const params = { serverId: perUser, authorizationId: id };
    expect((await call(cancelRoute, key, "DELETE", params)).status).toBe(204);
    expect(await poll(key, perUser, id)).toMatchObject({ status: "failed" });
    expect(await finish(member, location)).not.toContain("authorized=1");
    expect(await tokens()).toEqual([]);
  });
});

describe("attacks on a link", () => {
  it("that is sent to another person connects nothing of theirs, neither for them nor for its owner", async () => {
    const key = await keyOf(member);
    const victim = await usher.join("ADMIN", "Vic Victim");
    const { id } = await ask(key, perUser);
    expect(await opened(victim, id)).toEqual({ kind: "other_person" });
    expect(await confirm(victim, perUser, id)).toContain("authorization_error=forbidden");
    expect(await pendingRequests()).toBe(0);
    expect(await poll(key, perUser, id)).toMatchObject({ status: "pending" });
  });

  it("whose flow its owner started cannot be finished in a victim's browser", async () => {
    const key = await keyOf(member);
    const { id } = await ask(key, perUser);
    const location = await confirm(member, perUser, id);
    const victim = await usher.join("MEMBER", "Vic Victim");
    for (const [name, value] of member.cookies) {
      if (name.startsWith("usher_flow_")) victim.cookies.set(name, value);
    }
    expect(await finish(victim, location)).toContain("reason=wrong_user");
    expect(await finish(member.elsewhere(), await confirm(member, perUser, id))).toContain(
      "reason=wrong_browser",
    );
    expect(await tokens()).toEqual([]);
  });

  it("for the team's account can be neither opened nor requested by a member", async () => {
    const { id } = await ask(await keyOf(admin), shared);
    expect(await opened(member, id)).toEqual({ kind: "admins_only" });
    expect(await confirm(member, shared, id)).toContain("authorization_error=forbidden");
    const refused = await call(askRoute, await keyOf(member), "POST", { serverId: shared });
    expect(refused.status).toBe(403);
  });

  it("starts nothing when a foreign page sends the browser past its own page", async () => {
    const { id } = await ask(await keyOf(member), perUser);
    const location = await confirm(member, perUser, id, { "sec-fetch-site": "cross-site" });
    expect(location).toBe(`${publicUrl}/oauth/link/${id}`);
    expect(await pendingRequests()).toBe(0);
  });

  it("leads to the server that it was requested for, and to no other", async () => {
    const { id } = await ask(await keyOf(admin), perUser);
    expect(await confirm(admin, shared, id)).toContain("authorization_error=not_found");
    expect(await pendingRequests()).toBe(0);
  });

  it("is polled and cancelled by its own key alone", async () => {
    const key = await keyOf(member);
    const { id } = await ask(key, perUser);
    const same = await keyOf(member);
    const others = [same, await keyOf(admin), await keyOf("service")];
    for (const other of others) {
      expect(await poll(other, perUser, id)).toBe(404);
      const params = { serverId: perUser, authorizationId: id };
      expect((await call(cancelRoute, other, "DELETE", params)).status).toBe(404);
    }
    expect(await poll(key, shared, id)).toBe(404);
    expect(await poll(key, perUser, id)).toMatchObject({ status: "pending" });
  });

  it("ends with its key: revoked, expired, or of a person who was demoted or disabled", async () => {
    const { db } = usher.app;
    const demoted = await usher.join("ADMIN", "Dora Demoted");
    const { id } = await ask(await keyOf(demoted), shared);
    expect(await opened(admin, id)).toMatchObject({ kind: "open" });
    const change = (data: { role?: "ADMIN" | "MEMBER"; disabledAt?: Date | null }) =>
      db.user.update({ where: { id: demoted.user.id }, data });
    await change({ role: "MEMBER" });
    expect(await opened(admin, id)).toEqual({ kind: "over" });
    await change({ role: "ADMIN", disabledAt: clock.now() });
    expect(await opened(admin, id)).toEqual({ kind: "over" });
    await change({ disabledAt: null });
    expect(await opened(admin, id)).toMatchObject({ kind: "open" });
    await db.apiKey.updateMany({ data: { expiresAt: clock.now() } });
    expect(await opened(admin, id)).toEqual({ kind: "over" });
    await db.apiKey.updateMany({ data: { expiresAt: null, revokedAt: clock.now() } });
    expect(await opened(admin, id)).toEqual({ kind: "over" });
    expect(await confirm(admin, shared, id)).toContain("authorization_error=not_found");
  });

  it("does not connect another account after the server's sharing has changed", async () => {
    const { id } = await ask(await keyOf(admin), perUser);
    await usher.app.db.oAuthClient.update({
      where: { serverId: perUser },
      data: { tokenSharing: "SHARED" },
    });
    expect(await opened(admin, id)).toEqual({ kind: "over" });
  });

  it("that a person did not ask for is declined by them, and can no longer be used", async () => {
    const key = await keyOf("service");
    const { id } = await ask(key, shared);
    const params = { serverId: shared, authorizationId: id };
    const decline = { path: "/api/x", method: "DELETE", params };
    expect((await member.visit(cancelRoute, decline)).status).toBe(403);
    expect((await admin.visit(cancelRoute, decline)).status).toBe(204);
    expect(await poll(key, shared, id)).toMatchObject({ status: "failed" });
    expect(await opened(admin, id)).toEqual({ kind: "over" });
    expect(await usher.app.db.auditEvent.count({ where: { action: "connection.cancel" } })).toBe(1);
  });
});

describe("a program that asks for one of several accounts", () => {
  async function connect(visitor: Visitor, key: string, account?: string) {
    const { id } = await ask(key, perUser, account);
    await finish(visitor, await confirm(visitor, perUser, id));
    expect(await poll(key, perUser, id)).toMatchObject({ status: "connected" });
  }
  const ownerKeys = async () => (await tokens()).map(({ ownerKey }) => ownerKey).toSorted();

  it("connects a further one, and the first stays as it is", async () => {
    const key = await keyOf(member);
    await connect(member, key);
    const [first] = await tokens();
    await usher.app.db.oAuthClient.updateMany({ data: { accountPrompt: "login" } });
    const { id } = await ask(key, perUser, "new");
    expect(await opened(member, id)).toMatchObject({ kind: "open", shared: false, further: true });
    const location = await confirm(member, perUser, id);
    expect(new URL(location).searchParams.get("prompt")).toContain("login");
    await finish(member, location);
    expect(await ownerKeys()).toEqual([
      member.user.id,
      expect.stringMatching(new RegExp(`^${member.user.id}:[0-9a-f]{12}$`)),
    ]);
    expect((await tokens()).find(({ ownerKey }) => ownerKey === member.user.id)).toMatchObject({
      consentId: first?.consentId,
    });
  });

  it("authorizes the one that it names again", async () => {
    const key = await keyOf(member);
    await connect(member, key);
    await connect(member, key, "new");
    const further = (await ownerKeys())[1]?.split(":")[1];
    await connect(member, key, further);
    expect(await ownerKeys()).toHaveLength(2);
    expect(await pendingRequests()).toBe(0);
  });

  it("gets no link for an account that is not its person's", async () => {
    await connect(member, await keyOf(member));
    await connect(member, await keyOf(member), "new");
    const theirs = (await ownerKeys())[1]?.split(":")[1];
    const key = await keyOf(admin);
    for (const account of [theirs, "0123456789ab", "shared", member.user.id, "team"]) {
      const response = await askFor(key, perUser, account);
      expect(response.status, account).toBe(400);
      expect(Object.keys((await response.json()).error.fields)).toEqual(["account"]);
    }
  });

  it("asks for the team's account as an admin alone, where the server offers it", async () => {
    await usher.app.db.oAuthClient.update({
      where: { serverId: perUser },
      data: { settings: { teamAccount: true } },
    });
    expect((await askFor(await keyOf(member), perUser, "team")).status).toBe(403);
    const key = await keyOf("service");
    expect((await askFor(key, perUser, "new")).status).toBe(403);
    const { id } = await ask(key, perUser, "team");
    expect(await opened(member, id)).toEqual({ kind: "admins_only" });
    // Its page must not say that everybody's calls will use it.
    expect(await opened(admin, id)).toMatchObject({ shared: true, besideOwn: true });
    await finish(admin, await confirm(admin, perUser, id));
    expect(await ownerKeys()).toEqual(["shared"]);

    const later = await ask(key, perUser, "team");
    await usher.app.db.oAuthClient.update({
      where: { serverId: perUser },
      data: { settings: { teamAccount: false } },
    });
    expect(await opened(admin, later.id)).toEqual({ kind: "over" });
  });

  it("cannot be led to another account by what the browser's address says", async () => {
    const key = await keyOf(member);
    const { id } = await ask(key, perUser);
    const path = `/oauth/authorize/${perUser}?link=${id}&account=new`;
    const response = await member.visit(authorizeRoute, { path, params: { serverId: perUser } });
    await finish(member, response.headers.get("location") ?? "");
    expect(await ownerKeys()).toEqual([member.user.id]);
  });
});
