import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as passwordRoute } from "@/app/api/account/password/route";
import { GET as sessionsRoute } from "@/app/api/account/sessions/route";
import { DELETE as revokeKeyRoute } from "@/app/api/api-keys/[apiKeyId]/route";
import { POST as createKeyRoute, GET as keysRoute } from "@/app/api/api-keys/route";
import { DELETE as deleteAssistantRoute } from "@/app/api/assistants/[assistantId]/route";
import { GET as assistantsRoute, POST as createAssistantRoute } from "@/app/api/assistants/route";
import { POST as newConversationRoute } from "@/app/api/chat/conversations/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as serversRoute } from "@/app/api/mcp-servers/route";
import { POST as resetLinkRoute } from "@/app/api/people/[userId]/reset-link/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { GET as peopleRoute } from "@/app/api/people/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { GET as callbackRoute } from "@/app/oauth/callback/route";
import type { ApiKeyInput } from "@/lib/contracts/api-keys";
import { type ApiScope, apiScopes } from "@/lib/contracts/api-scopes";
import { hashApiKey } from "@/lib/session/api-keys/authenticate";
import { keyPermits } from "@/lib/session/permissions";
import { requestsPerKey } from "@/lib/session/rate-limit";
import { Clock } from "@/tests/support/clock";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

type Handler = Parameters<Visitor["visit"]>[0];
type Call = { json?: unknown; method?: string; params?: Record<string, string> } & {
  headers?: Record<string, string>;
  query?: string;
};

const assistant = { name: "", description: "", instructions: "", model: "", servers: [] };
const all = [...apiScopes];

let usher: Installation;
let clock: Clock;
let admin: Visitor;
let member: Visitor;

beforeAll(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());
beforeEach(async () => {
  member = await usher.join("MEMBER");
  await usher.app.db.rateLimit.deleteMany();
});

/** Created as on the page. */
async function createKey(owner: Visitor, input: Partial<ApiKeyInput> = {}) {
  const json: ApiKeyInput = {
    name: "Deploy",
    owner: "person",
    scopes: owner === member ? ["connections:read", "assistants:read", "chat:write"] : all,
    expiresInDays: 30,
    ...input,
  };
  const response = await owner.visit(createKeyRoute, { path: "/api/api-keys", json });
  const body = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(201);
  return body as { secret: string; apiKey: { id: string; prefix: string } };
}

/** As a program calls the API: a key, and no cookie, origin or fetch metadata. */
function call(handler: Handler, secret: string | null, options: Call = {}): Promise<Response> {
  const method = options.method ?? (options.json === undefined ? "GET" : "POST");
  const request = new Request(`${publicUrl}/api/anything${options.query ?? ""}`, {
    method,
    headers: {
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      ...(options.json === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
  });
  return handler(request, { params: Promise.resolve((options.params ?? {}) as never) });
}

const cookiesOf = (visitor: Visitor) => ({
  cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
  origin: publicUrl,
});

async function expectRefused(response: Response, message: RegExp): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token"/);
  expect((await response.json()).error.message).toMatch(message);
}

async function listOf(visitor: Visitor) {
  return (await visitor.visit(keysRoute, { path: "/api/api-keys" })).json();
}

describe("a key", () => {
  it("is shown once, stored as a hash, and listed by its prefix", async () => {
    const { secret, apiKey } = await createKey(admin);
    expect(secret).toMatch(/^ush_[\w-]{43}$/);
    expect(secret.startsWith(apiKey.prefix)).toBe(true);
    const row = await usher.app.db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } });
    expect(row.keyHash).toBe(hashApiKey(secret));
    expect(JSON.stringify(row)).not.toContain(secret.slice(10));
    const list = JSON.stringify(await listOf(admin));
    expect(list).toContain(apiKey.id);
    expect(list).not.toContain(secret.slice(10));
    expect(list).not.toContain(row.keyHash);
  });

  it("acts as its person without cookie or origin, for reads and changes", async () => {
    const { secret } = await createKey(admin);
    expect((await call(serversRoute, secret)).status).toBe(200);
    const json = { ...assistant, name: `Made by key ${crypto.randomUUID()}` };
    const created = await call(createAssistantRoute, secret, { json });
    expect(created.status).toBe(201);
  });

  it("is named by each event of the audit that it causes, and by the events of its own lifecycle", async () => {
    const { secret, apiKey } = await createKey(admin, { name: "Nightly import" });
    const label = `Nightly import (${apiKey.prefix}…)`;
    const json = { ...assistant, name: crypto.randomUUID() };
    const { id } = await (await call(createAssistantRoute, secret, { json })).json();
    await call(deleteAssistantRoute, secret, { method: "DELETE", params: { assistantId: id } });
    await admin.visit(revokeKeyRoute, {
      path: "/api/api-keys/1",
      method: "DELETE",
      params: { apiKeyId: apiKey.id },
    });
    const events = await usher.app.db.auditEvent.findMany({
      where: { actorId: admin.user.id },
      orderBy: { at: "desc" },
      take: 4,
    });
    const told = new Map(events.map(({ action, details }) => [action, details]));
    expect(told.get("assistant.create")).toMatchObject({ apiKey: label });
    expect(told.get("assistant.delete")).toMatchObject({ apiKey: label });
    expect(told.get("api-key.create")).toMatchObject({ key: label, owner: admin.user.email });
    expect(told.get("api-key.revoke")).toMatchObject({ key: label });
    expect(told.get("api-key.create")).not.toHaveProperty("apiKey");
    expect(JSON.stringify(events)).not.toContain(secret.slice(10));
  });

  it("shows when it was last used, written at most once a minute", async () => {
    const { secret, apiKey } = await createKey(admin);
    const lastUsed = async () => {
      await usher.settle();
      const row = await usher.app.db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } });
      return row.lastUsedAt?.getTime() ?? null;
    };
    expect(await lastUsed()).toBeNull();
    await call(serversRoute, secret);
    const first = clock.now().getTime();
    expect(await lastUsed()).toBe(first);
    clock.advance(59_000);
    await call(serversRoute, secret);
    expect(await lastUsed()).toBe(first);
    clock.advance(1_000);
    await call(serversRoute, secret);
    expect(await lastUsed()).toBe(first + 60_000);
  });

  it("of a service works until it is revoked, whatever happens to the person who created it", async () => {
    const other = await usher.join("ADMIN", "Olga Admin");
    const { secret } = await createKey(other, {
      ...{ owner: "service", role: "ADMIN", name: "CI" },
      scopes: all.filter((scope) => !scope.startsWith("chat")),
    });
    await usher.app.db.user.update({
      where: { id: other.user.id },
      data: { disabledAt: new Date() },
    });
    expect((await call(serversRoute, secret)).status).toBe(200);
    const json = { ...assistant, name: crypto.randomUUID() };
    expect((await call(createAssistantRoute, secret, { json })).status).toBe(201);
    const event = await usher.app.db.auditEvent.findFirstOrThrow({
      where: { actorEmail: "CI (service)" },
    });
    expect(event).toMatchObject({ action: "assistant.create" });
  });

  it("is refused with 429 and Retry-After past its limit, and slows down no one else", async () => {
    const { secret, apiKey } = await createKey(admin);
    const { secret: other } = await createKey(admin);
    expect((await call(serversRoute, secret)).status).toBe(200);
    await usher.app.db.rateLimit.updateMany({
      where: { key: { startsWith: `${requestsPerKey.name}:` } },
      data: { count: requestsPerKey.limit - 1 },
    });
    expect((await call(serversRoute, secret)).status, apiKey.id).toBe(200);
    const refused = await call(serversRoute, secret);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await call(serversRoute, other)).status).toBe(200);
    expect((await admin.visit(serversRoute, { path: "/api/mcp-servers" })).status).toBe(200);
    clock.advance(requestsPerKey.windowMs);
    expect((await call(serversRoute, secret)).status).toBe(200);
  });
});

describe("attacks: a key is refused", () => {
  it("when it was revoked, from the next request on", async () => {
    const { secret, apiKey } = await createKey(admin);
    expect((await call(serversRoute, secret)).status).toBe(200);
    const revoke = {
      path: `/api/api-keys/${apiKey.id}`,
      method: "DELETE",
      params: { apiKeyId: apiKey.id },
    };
    expect((await admin.visit(revokeKeyRoute, revoke)).status).toBe(204);
    await expectRefused(await call(serversRoute, secret), /was revoked/);
    expect((await admin.visit(revokeKeyRoute, revoke)).status).toBe(404);
  });

  it("when it has expired", async () => {
    const { secret } = await createKey(admin, { expiresInDays: 1 });
    const forever = await createKey(admin, { expiresInDays: null });
    clock.advance(24 * 60 * 60_000 - 1);
    expect((await call(serversRoute, secret)).status).toBe(200);
    clock.advance(1);
    await expectRefused(await call(serversRoute, secret), /has expired/);
    expect((await call(serversRoute, forever.secret)).status).toBe(200);
  });

  it("when its owner was disabled, and works again once they are enabled", async () => {
    const { secret } = await createKey(member);
    const set = (disabledAt: Date | null) =>
      usher.app.db.user.update({ where: { id: member.user.id }, data: { disabledAt } });
    await set(new Date());
    await expectRefused(await call(connectionsRoute, secret), /was disabled/);
    await set(null);
    expect((await call(connectionsRoute, secret)).status).toBe(200);
  });

  it("for what its owner's role has lost, and keeps the rest", async () => {
    const demoted = await usher.join("ADMIN", "Dora Demoted");
    const { secret } = await createKey(demoted, { scopes: all });
    expect((await call(serversRoute, secret)).status).toBe(200);
    await usher.app.db.user.update({ where: { id: demoted.user.id }, data: { role: "MEMBER" } });
    const refused = await call(serversRoute, secret);
    expect(refused.status).toBe(403);
    expect((await refused.json()).error.message).toMatch(/role of this API key's owner/);
    expect((await call(connectionsRoute, secret)).status).toBe(200);
  });

  it("outside of its scopes, and the response names the missing scope", async () => {
    const { secret } = await createKey(admin, { scopes: ["assistants:read", "servers:write"] });
    expect((await call(assistantsRoute, secret)).status).toBe(200);
    // `write` includes `read`.
    expect((await call(serversRoute, secret)).status).toBe(200);
    const json = { ...assistant, name: crypto.randomUUID() };
    for (const [response, scope] of [
      [await call(createAssistantRoute, secret, { json }), "assistants:write"],
      [await call(peopleRoute, secret), "people:read"],
    ] as const) {
      expect(response.status).toBe(403);
      expect(response.headers.get("www-authenticate")).toBe(
        `Bearer error="insufficient_scope", scope="${scope}"`,
      );
    }
    expect(await usher.app.db.assistant.count({ where: { name: json.name } })).toBe(0);
  });

  it("for what only a signed-in person may do, even with every scope", async () => {
    const { secret } = await createKey(admin);
    const before = await usher.app.db.apiKey.count();
    const userId = member.user.id;
    const forbidden: [Handler, Call][] = [
      [createKeyRoute, { json: { name: "Child", owner: "person", scopes: all, expiresInDays: 1 } }],
      [keysRoute, {}],
      [revokeKeyRoute, { method: "DELETE", params: { apiKeyId: "any" } }],
      [sessionsRoute, {}],
      [passwordRoute, { json: { currentPassword: "a", newPassword: "a long enough password" } }],
      [resetLinkRoute, { method: "POST", json: {}, params: { userId } }],
      [inviteRoute, { json: { email: "eve@example.com", role: "ADMIN" } }],
      [personRoute, { method: "PATCH", json: { role: "ADMIN" }, params: { userId } }],
      [personRoute, { method: "PATCH", json: { disabled: false }, params: { userId } }],
      [
        personRoute,
        { method: "PATCH", json: { disabled: true, role: "ADMIN" }, params: { userId } },
      ],
    ];
    for (const [handler, options] of forbidden) {
      const response = await call(handler, secret, options);
      expect(response.status).toBe(403);
      expect((await response.json()).error.message).toMatch(/^No API key can do this/);
    }
    expect(await usher.app.db.apiKey.count()).toBe(before);
    expect(await usher.app.db.invitation.count()).toBe(0);
    const disabling = { method: "PATCH", json: { disabled: true }, params: { userId } };
    expect((await call(personRoute, secret, disabling)).status).toBe(200);
  });

  it("at the consent pages, even with its owner's cookies", async () => {
    const { secret } = await createKey(admin);
    for (const [handler, params] of [
      [authorizeRoute, { serverId: "any" }],
      [callbackRoute, {}],
    ] as const) {
      const response = await call(handler, secret, { params, headers: cookiesOf(admin) });
      expect(response.status).toBe(303);
      expect(response.headers.get("location")).toMatch(/=forbidden$/);
    }
  });

  it("as a service where a person's own account is needed", async () => {
    const service = { owner: "service", role: "MEMBER", scopes: ["connections:read"] } as const;
    const { secret } = await createKey(admin, { ...service, scopes: [...service.scopes] });
    await usher.app.db.apiKey.updateMany({ where: { userId: null }, data: { scopes: all } });
    expect((await call(connectionsRoute, secret)).status).toBe(200);
    const json = { assistantId: "any" };
    const refused = await call(newConversationRoute, secret, { json });
    expect(refused.status).toBe(403);
    expect((await refused.json()).error.message).toMatch(/^A service has no account/);
  });

  it.each([
    ["that nobody has", `ush_${"A".repeat(43)}`],
    ["cut by a character", null],
    ["twice in one header", "two"],
  ])("%s, and no cookie helps", async (_, given) => {
    const { secret } = await createKey(admin);
    const sent = given === "two" ? `${secret}, Bearer ${secret}` : (given ?? secret.slice(0, -1));
    const response = await call(serversRoute, sent, { headers: cookiesOf(admin) });
    await expectRefused(response, /is not valid/);
  });

  it.each([
    ["of another form", "eyJhbGciOiJub25lIn0.e30."],
    ["that is empty", ""],
  ])("%s: it is refused alone, and beside cookies it counts as a proxy's", async (_, token) => {
    await expectRefused(await call(serversRoute, token), /is not valid/);
    const headers = cookiesOf(admin);
    expect((await call(serversRoute, token, { headers })).status).toBe(200);
    const json = { ...assistant, name: crypto.randomUUID() };
    const foreign = { ...headers, origin: "https://attacker.example" };
    const forged = await call(createAssistantRoute, token, { json, headers: foreign });
    expect(forged.status).toBe(403);
  });

  it("that does not work, even if a signed-in person's cookies come along", async () => {
    const { secret, apiKey } = await createKey(admin);
    await usher.app.db.apiKey.update({
      where: { id: apiKey.id },
      data: { revokedAt: new Date() },
    });
    const response = await call(serversRoute, secret, { headers: cookiesOf(admin) });
    await expectRefused(response, /was revoked/);
  });

  it("in the address: it is not looked at", async () => {
    const { secret } = await createKey(admin);
    for (const name of ["access_token", "api_key", "key", "token"]) {
      const response = await call(serversRoute, null, { query: `?${name}=${secret}` });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
    }
  });
});

describe("attacks: a working key", () => {
  it("acts as its own owner, regardless of cookies sent with it", async () => {
    const { secret } = await createKey(member);
    const response = await call(serversRoute, secret, { headers: cookiesOf(admin) });
    expect(response.status).toBe(403);
    const json = { ...assistant, name: crypto.randomUUID() };
    const change = await call(createAssistantRoute, secret, { json, headers: cookiesOf(admin) });
    expect(change.status).toBe(403);
  });

  it("leaves the origin check to requests without a key", async () => {
    const json = { ...assistant, name: crypto.randomUUID() };
    const headers = { ...cookiesOf(admin), origin: "https://attacker.example" };
    const others: Record<string, string>[] = [
      {},
      { authorization: "Basic dTpw" },
      { authorization: "" },
    ];
    for (const extra of others) {
      const response = await call(createAssistantRoute, null, {
        json,
        headers: { ...headers, ...extra },
      });
      expect(response.status).toBe(403);
    }
  });

  it("is seen by its owner and by admins, and revoked by no one else", async () => {
    const { apiKey } = await createKey(admin);
    const own = await createKey(member);
    const eve = await usher.join("MEMBER", "Eve Member");
    expect(await listOf(eve)).toMatchObject({ own: [], team: null });
    for (const id of [apiKey.id, own.apiKey.id]) {
      const revoke = { path: `/api/api-keys/${id}`, method: "DELETE", params: { apiKeyId: id } };
      expect((await eve.visit(revokeKeyRoute, revoke)).status).toBe(404);
    }
    const ofAdmin = await listOf(admin);
    expect(ofAdmin.team.others.map(({ id }: { id: string }) => id)).toContain(own.apiKey.id);
    const params = { apiKeyId: own.apiKey.id };
    const revoke = { path: "/api/api-keys/1", method: "DELETE", params };
    expect((await admin.visit(revokeKeyRoute, revoke)).status).toBe(204);
    await expectRefused(await call(connectionsRoute, own.secret), /was revoked/);
  });
});

describe("creating a key", () => {
  const create = (visitor: Visitor, json: Partial<ApiKeyInput>) =>
    visitor.visit(createKeyRoute, {
      path: "/api/api-keys",
      json: { name: "Key", owner: "person", scopes: ["chat:read"], expiresInDays: null, ...json },
    });

  it("refuses scopes that the role does not have, and refuses services to members", async () => {
    const beyond = await create(member, { scopes: ["servers:read", "chat:read"] });
    expect(beyond.status).toBe(400);
    expect((await beyond.json()).error.fields.scopes).toContain("servers:read");
    expect((await create(member, { owner: "service", role: "MEMBER" })).status).toBe(403);
    const asAdmin = await create(member, { owner: "service", role: "ADMIN", scopes: all });
    expect(asAdmin.status).toBe(403);
  });

  it("refuses to let a person choose the role of their own key", async () => {
    expect((await create(member, { role: "ADMIN" })).status).toBe(400);
  });

  it("offers each role only scopes that have an effect", async () => {
    const { offered } = await listOf(member);
    expect(offered.person).toEqual([
      ...["connections:read", "connections:write", "assistants:read"],
      ...["chat:read", "chat:write"],
    ]);
    expect(offered.service).toBeNull();
    const { offered: forAdmin } = await listOf(admin);
    expect(forAdmin.person).toEqual(all);
    expect(forAdmin.service.ADMIN).toEqual(all.filter((scope) => !scope.startsWith("chat")));
    expect(forAdmin.service.MEMBER).toEqual([
      ...["connections:read", "connections:write", "assistants:read"],
    ]);
  });
});

describe("the rule for scopes", () => {
  const person = (scopes: ApiScope[]) => ({ owner: "person" as const, scopes });

  it("lets write include read, and no other scope include another", () => {
    const may = (scopes: ApiScope[], method: string) =>
      keyPermits(person(scopes), "servers.manage", method).may;
    expect(may(["servers:read"], "GET")).toBe(true);
    expect(may(["servers:write"], "HEAD")).toBe(true);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "QUERY"]) {
      expect(may(["servers:read"], method)).toBe(false);
      expect(may(["servers:write"], method)).toBe(true);
    }
    expect(
      may(
        all.filter((scope) => !scope.startsWith("servers")),
        "GET",
      ),
    ).toBe(false);
  });
});
