import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as retryRoute } from "@/app/api/connections/[serverId]/refresh/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { POST as askRoute } from "@/app/api/connections/everyone/[connectionId]/ask-again/route";
import { POST as revokeRoute } from "@/app/api/connections/everyone/revoke/route";
import { GET as consoleRoute } from "@/app/api/connections/everyone/route";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { PUT as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as discoverRoute } from "@/app/api/mcp-servers/discover/route";
import { POST as serversRoute } from "@/app/api/mcp-servers/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { type IdentityProvider, startIdentityProvider } from "@/demo/identity-provider";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { callTool } from "@/lib/calls/call-tool";
import { renewCatalogue } from "@/lib/calls/renew-catalogue";
import { describeAccount } from "@/lib/calls/target";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { expectAccount } from "@/lib/tokens/exchanged-account";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { TokenCache } from "@/lib/tokens/token-cache";
import { authorize, clickAuthorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import {
  type Installation,
  publicUrl,
  startInstallation,
  startProvider,
} from "@/tests/support/installation";
import { comeBack, startOidc } from "@/tests/support/oidc-browser";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
const lifetime = 10 * minute;
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const redirectUri = `${publicUrl}/api/auth/callback/oidc`;

/** The identity provider's name for her. */
const adasName = "ada@practice.example";

let dataDir: string;
let idp: IdentityProvider;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
/** Accepts the identity provider's own tokens. */
let direct: PracticeMcpServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let serverId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "organization-"));
  idp = await startIdentityProvider({ redirectUris: [redirectUri] });
  provider = await startProvider({ accessTokenLifetime: lifetime / 1000, identityProvider: idp });
  files = await startPersonalFiles({ provider, dataDir: path.join(dataDir, "files") });
  direct = await startPersonalFiles({ provider: idp, dataDir: path.join(dataDir, "direct") });
  const { issuer, clientId } = provider;
  idp.connect({ issuer, clientId, resources: () => [files.url] });
});
afterAll(async () => {
  for (const one of [files, direct, provider, idp]) await one.close();
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({
    now: clock.now,
    env: { ...idp.env, OIDC_KEEP_TOKENS: "1", OIDC_TRUST_EMAIL: "1" },
  });
  admin = await usher.join("ADMIN", "Ada Admin");
  await signInAs(admin, "ada");
  serverId = await createServer(usher.app, input());
  idp.assign("ada", provider.issuer);
  idp.assign("grace", provider.issuer);
  idp.forgetRequests();
  provider.forgetRequests();
});
afterEach(async () => {
  idp.stopFailing();
  provider.stopFailing();
  await usher.close();
});

function input(oauthInput: Partial<McpServerInput["oauth"]> = {}): McpServerInput {
  const sharing = { tokenSharing: "ORGANIZATION", grantType: "ID_JAG" } as const;
  return oauthServerInput(provider, {
    name: "Files",
    url: files.url,
    oauth: { ...sharing, authorizationEndpoint: "", ...oauthInput },
  });
}

/** Signs in with the identity provider, in the same browser. */
async function signInAs(visitor: Visitor, person: "ada" | "grace"): Promise<void> {
  const { issuer } = idp;
  await usher.app.db.oidcIdentity.create({
    data: { issuer, subject: person, userId: visitor.user.id, createdAt: clock.now() },
  });
  const authorizationUrl = new URL(await startOidc(visitor));
  expect(await comeBack(visitor, await consent({ authorizationUrl, person }))).toBe("/chat");
}

function call(visitor: Visitor, toolName = "list_files", server = serverId) {
  return callTool(usher.app, {
    ...{ serverId: server, user: visitor.actor, toolName, input: {} },
    signal: new AbortController().signal,
  });
}

const exchanges = () => idp.tokenRequests[tokenExchange] ?? 0;
const redeemed = () => provider.tokenRequests[jwtBearer] ?? 0;
const row = (visitor = admin) =>
  usher.app.db.storedTokenSet.findFirstOrThrow({ where: { ownerKey: visitor.user.id } });
const sweep = () =>
  runRefreshSweep(usher.app, { trigger: "cron", claimForMs: 10_000, concurrency: 4 });
/** As the MCP server saw its calls. */
const answered = async (visitor: Visitor) => !(await call(visitor)).isError;

async function connection(visitor = admin) {
  const response = await visitor.visit(connectionRoute, {
    path: `/api/connections/${serverId}`,
    params: { serverId },
  });
  return response.json();
}

async function tryAgain(visitor = admin) {
  const response = await visitor.visit(retryRoute, {
    path: `/api/connections/${serverId}/refresh`,
    params: { serverId },
    method: "POST",
  });
  return response.json();
}

async function flows() {
  await usher.settle();
  const response = await admin.visit(flowsRoute, {
    path: `/api/mcp-servers/${serverId}/flows`,
    params: { serverId },
  });
  return (await response.json()).flows;
}

describe("the first call", () => {
  it("is answered as the person, without asking anyone", async () => {
    expect((await connection()).connection).toMatchObject({
      status: "not_connected",
      standing: { status: "on_first_use", nextStep: null, renewal: "at_next_call" },
    });
    const grace = await usher.join("MEMBER", "Grace Member");
    await signInAs(grace, "grace");
    expect(JSON.stringify(await call(admin))).not.toBe(JSON.stringify(await call(grace)));
    expect([exchanges(), redeemed()]).toEqual([2, 2]);
    expect((await connection()).connection).toMatchObject({
      status: "connected",
      refreshable: true,
      otherAccount: null,
      accountName: adasName,
      standing: { status: "connected", renewal: "automatic" },
    });
    expect(await describeAccount(usher.app, serverId, admin.user)).toMatchObject({
      actingAs: `Your account ${adasName}, managed by your organization`,
      connected: true,
    });
  });

  it("requests the issuer, the resource and the scope, each with its own client", async () => {
    await call(admin);
    const leg = (requests: IdentityProvider["requests"]) =>
      requests.find(({ path: asks }) => asks === "/token")?.parameters;
    expect(leg(idp.requests)).toMatchObject({
      grant_type: tokenExchange,
      requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
      audience: provider.issuer,
      resource: files.url,
      scope: "files:read files:write",
    });
    expect(leg(provider.requests)).toMatchObject({
      grant_type: jwtBearer,
      scope: "files:read files:write",
    });
  });

  it("exchanges once for everyone who calls at that moment, across all replicas", async () => {
    const owner = { serverId, ownerKey: admin.user.id };
    const replicas = Array.from({ length: 4 }, () => ({
      ...usher.app,
      refreshesUnderWay: new Map(),
      tokenCache: new TokenCache(clock.now),
    }));
    const tokens = await Promise.all(
      replicas.flatMap((ctx) =>
        Array.from({ length: 50 }, () =>
          accessToken(ctx, owner, { expect: () => expectAccount(ctx, owner) }),
        ),
      ),
    );
    expect(new Set(tokens).size).toBe(1);
    expect([exchanges(), redeemed()]).toEqual([1, 1]);
  });

  it("is recorded in the audit with its grant type and subject, and in the flow with both legs", async () => {
    await call(admin);
    expect(
      await usher.app.db.auditEvent.findFirst({ where: { action: "connection.exchange" } }),
    ).toMatchObject({
      actorId: admin.user.id,
      ownerKey: admin.user.id,
      details: { grantType: "ID_JAG", subject: adasName },
    });
    const [flow] = await flows();
    expect(flow).toMatchObject({
      outcome: "succeeded",
      steps: [
        { kind: "token_exchange", answer: { status: 200 } },
        { kind: "jwt_bearer", answer: { status: 200 } },
      ],
    });
  });

  it("requests nothing for a person without access to the server", async () => {
    const member = await usher.join("MEMBER");
    await signInAs(member, "grace");
    await usher.app.db.mcpServer.update({ where: { id: serverId }, data: { access: "CHOSEN" } });
    await expect(call(member)).rejects.toMatchObject({ code: "not_found" });
    expect(exchanges()).toBe(0);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });
});

describe("the account's name", () => {
  it("is the identity provider's, even if the person tried before signing in there", async () => {
    const member = await usher.join("MEMBER");
    await expect(call(member)).rejects.toMatchObject({ code: "authorization_required" });
    expect(await row(member)).toMatchObject({ accountName: member.user.email });
    await signInAs(member, "grace");
    expect(await answered(member)).toBe(true);
    expect(await row(member)).toMatchObject({ accountName: "grace@practice.example" });
  });
});

describe("renewal", () => {
  it("exchanges again before the token expires, by the sweep", async () => {
    await call(admin);
    clock.advance(lifetime / 2 + minute);
    expect(await sweep()).toMatchObject({ refreshed: 1, failed: 0 });
    expect([exchanges(), redeemed()]).toEqual([2, 2]);
  });

  it("stops if no one has called for hours, until someone calls again", async () => {
    await call(admin);
    await usher.settle();
    const rounds = 40;
    for (let round = 0; round < rounds; round += 1) {
      clock.advance(lifetime / 2 + minute);
      await sweep();
    }
    expect(exchanges()).toBeLessThan(rounds * 0.75);
    idp.forgetRequests();
    clock.advance(lifetime);
    expect(await sweep()).toMatchObject({ refreshed: 0, failed: 0, deferred: 0 });
    expect((await connection()).connection.standing).toMatchObject({
      ...{ status: "connected", renewal: "at_next_call" },
    });
    expect(await answered(admin)).toBe(true);
    expect(exchanges()).toBe(1);
  });

  it.each([
    ["the identity provider is away", () => idp.failNextExchanges(9, { kind: "reset" })],
    [
      "the identity provider does not take Usher's client",
      () => idp.failNextExchanges(9, { kind: "status", status: 401, error: "invalid_client" }),
    ],
    ["the server's provider is away", () => provider.failNextTokenRequests(9, { kind: "reset" })],
  ])("continues if %s, and loses nothing", async (_, fail) => {
    await call(admin);
    clock.advance(lifetime - minute / 2);
    fail();
    expect(await answered(admin)).toBe(true);
    clock.advance(5 * minute);
    await expect(call(admin)).rejects.toMatchObject({ code: "try_later" });
    expect((await connection()).connection.standing).toMatchObject({ status: "retrying" });
    idp.stopFailing();
    provider.stopFailing();
    clock.advance(5 * minute);
    expect(await answered(admin)).toBe(true);
  });
});

describe("a person whom the identity provider no longer lets in", () => {
  it("is out with the next exchange, and their last token is never sent again", async () => {
    await call(admin);
    const { accessTokenSealed } = await row();
    idp.unassign("ada", provider.issuer);
    clock.advance(lifetime / 2 + minute);
    expect(await sweep()).toMatchObject({ failed: 1 });
    await usher.settle();
    const seen = files.requests.length;
    for (let turn = 0; turn < 5; turn += 1) {
      await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
      clock.advance(minute);
    }
    expect(files.requests.length).toBe(seen);
    expect((await connection()).connection).toMatchObject({
      status: "expired",
      standing: { status: "needs_authorization" },
    });
    expect((await row()).expiresAt?.getTime()).toBeLessThanOrEqual(clock.now().getTime());
    // The provider is notified as well.
    await expect
      .poll(() => provider.requests.filter(({ path: asks }) => asks === "/revoke").length)
      .toBe(1);
    expect(await usher.app.db.tokenRevocation.findFirst()).toMatchObject({ outcome: "REVOKED" });
    expect((await row()).accessTokenSealed).toBe(accessTokenSealed);
  });

  it("is told why, and is not asked about again at each call", async () => {
    idp.unassign("ada", provider.issuer);
    await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
    await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
    expect(exchanges()).toBe(1);
    expect((await connection()).connection.standing.reason).toMatch(/\w{3,}.*\./);
    const refused = await usher.app.db.auditEvent.findMany({
      where: { action: "connection.exchange-refused" },
    });
    expect(refused).toHaveLength(1);
  });

  it("gets in again at once if they try after they were assigned", async () => {
    idp.unassign("ada", provider.issuer);
    await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
    expect((await tryAgain()).connection.standing).toMatchObject({
      status: "needs_authorization",
    });
    idp.assign("ada", provider.issuer);
    expect((await tryAgain()).connection.standing).toMatchObject({ status: "connected" });
    expect(await answered(admin)).toBe(true);
  });

  it("gets in again with a call ten minutes later, without trying again", async () => {
    idp.unassign("ada", provider.issuer);
    await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
    idp.assign("ada", provider.issuer);
    clock.advance(11 * minute);
    expect(await answered(admin)).toBe(true);
  });

  it("is told to sign in if their sign-in is not kept", async () => {
    const member = await usher.join("MEMBER");
    await expect(call(member)).rejects.toMatchObject({
      code: "authorization_required",
      userMessage: expect.stringContaining("Sign in with Practice ID"),
    });
    expect(exchanges()).toBe(0);
  });
});

describe("everyone's connections", () => {
  const listed = async () => {
    const response = await admin.visit(consoleRoute, { path: "/api/connections/everyone" });
    return (await response.json()).connections;
  };
  const askAgain = async () => {
    const { id: connectionId } = await row();
    const path = `/api/connections/everyone/${connectionId}/ask-again`;
    return admin.visit(askRoute, { path, params: { connectionId }, json: {} });
  };

  it("attribute a refusal to the organization, and no one can be asked to authorize", async () => {
    idp.unassign("ada", provider.issuer);
    await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
    expect(await listed()).toMatchObject([
      {
        managedByOrganization: true,
        standing: { status: "needs_authorization", nextStep: "ask_organization" },
      },
    ]);
    const asked = await askAgain();
    expect(asked.status).toBe(409);
    expect((await asked.json()).error.message).toContain("comes from your organization");
    expect(await row()).toMatchObject({ reauthorizationRequestedAt: null });
  });

  it("include a person's own account there, for which they can be asked", async () => {
    const own = { ownConsent: true, authorizationEndpoint: provider.authorizationEndpoint };
    const path = `/api/mcp-servers/${serverId}`;
    const saving = { path, params: { serverId }, method: "PUT", json: input(own) };
    expect((await admin.visit(serverRoute, saving)).status).toBe(200);
    await authorize(admin, serverId, "ada");
    expect(await listed()).toMatchObject([{ managedByOrganization: false }]);
    expect((await askAgain()).status).toBe(200);
  });

  it("allow revoking a token, and say that the next call gets a new one while the organization allows it", async () => {
    await call(admin);
    const { id } = await row();
    const json = { connectionIds: [id] };
    const response = await admin.visit(revokeRoute, {
      path: "/api/connections/everyone/revoke",
      json,
    });
    const [{ revoked }] = (await response.json()).results;
    expect(revoked).toMatchObject({ deleted: 1, provider: "revoked", returnsAtNextCall: true });
    expect(revoked.message).toMatch(/The next call gets a new token.+identity provider/);
    expect(await answered(admin)).toBe(true);
    expect(exchanges()).toBe(2);
  });
});

describe("a person's own account instead", () => {
  const withConsent = () =>
    input({ ownConsent: true, authorizationEndpoint: provider.authorizationEndpoint });
  const save = (next: McpServerInput) =>
    admin.visit(serverRoute, {
      path: `/api/mcp-servers/${serverId}`,
      params: { serverId },
      method: "PUT",
      json: next,
    });

  it("is offered if an admin allows it, by consent, and labelled as such", async () => {
    idp.unassign("ada", provider.issuer);
    expect((await save(withConsent())).status).toBe(200);
    await expect(call(admin)).rejects.toMatchObject({ code: "authorization_required" });
    expect(await connection()).toMatchObject({ ownConsent: true });
    await authorize(admin, serverId, "ada");
    expect(await answered(admin)).toBe(true);
    expect(await row()).toMatchObject({ grantType: "AUTHORIZATION_CODE" });
    const account = await describeAccount(usher.app, serverId, admin.user);
    expect(account?.actingAs).not.toContain("organization");
    clock.advance(lifetime + minute);
    expect(await answered(admin)).toBe(true);
    expect(provider.tokenRequests.refresh_token).toBe(1);
  });

  it("is unavailable if an admin does not allow it: Authorize asks the organization", async () => {
    expect(await connection()).toMatchObject({ ownConsent: false });
    const location = await clickAuthorize(admin, serverId, "?returnTo=/connections");
    expect(location).toBe(`${publicUrl}/connections?authorized=1`);
    expect(await row()).toMatchObject({ grantType: "ID_JAG" });
    expect(provider.requests.some(({ path: asks }) => asks === "/authorize")).toBe(false);
  });

  it("ends when an admin no longer allows it", async () => {
    await save(withConsent());
    await authorize(admin, serverId, "ada");
    expect((await save({ ...input({ ownConsent: false }) })).status).toBe(200);
    // The tools may be read in the meantime, with the organization's account.
    const where = { grantType: "AUTHORIZATION_CODE" } as const;
    expect(await usher.app.db.storedTokenSet.count({ where })).toBe(0);
  });
});

describe("a server that accepts the identity provider's own tokens", () => {
  it.each([
    ["TOKEN_EXCHANGE", (): string => "files:read"],
    // Entra's scopes start with the resource.
    ["ON_BEHALF_OF", (): string => `${direct.url}/files:read`],
  ] as const)("is called with what %s gives", async (grantType, scope) => {
    idp.assign("ada", direct.url);
    const id = await createServer(usher.app, {
      ...input({
        ...{ grantType, scope: scope() },
        ...{ clientId: idp.clientId, clientSecret: idp.clientSecret, issuer: idp.issuer },
        ...{ tokenEndpoint: idp.tokenEndpoint, revocationEndpoint: "" },
      }),
      ...{ name: "Direct", url: direct.url },
    });
    const result = await call(admin, "list_files", id);
    expect(result.isError).toBe(false);
    expect(provider.tokenRequests[jwtBearer] ?? 0).toBe(0);
  });
});

describe("secrets", () => {
  it("of both legs exist only in sealed boxes", async () => {
    await call(admin);
    const identity = await usher.app.identityOf(admin.user.id);
    const token = await accessToken(usher.app, { serverId, ownerKey: admin.user.id });
    const canaries = [token, identity?.found ? identity.identity.idToken : "", idp.clientSecret];
    await usher.settle();
    const { db } = usher.app;
    const kept = JSON.stringify([
      await db.flowRecord.findMany(),
      await db.auditEvent.findMany(),
      await db.storedTokenSet.findMany(),
      await flows(),
      await connection(),
    ]);
    for (const canary of canaries) {
      expect(canary).not.toBe("");
      expect(kept).not.toContain(canary);
    }
    // The assertion passed from one to the other is a JWT as well.
    expect(kept).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  });

  it("of one person do not open as another person's", async () => {
    const grace = await usher.join("MEMBER", "Grace Member");
    await signInAs(grace, "grace");
    await call(admin);
    await call(grace);
    const { accessTokenSealed } = await row(grace);
    await usher.app.db.storedTokenSet.updateMany({
      where: { ownerKey: admin.user.id },
      data: { accessTokenSealed },
    });
    usher.app.tokenCache.drop(serverId);
    await expect(call(admin)).rejects.toThrow();
  });
});

describe("the list of tools", () => {
  const tools = async () => (await findCatalogue(usher.app.db, serverId))?.toolCount ?? 0;

  it("is read at once for an admitted person, even if another person's sign-in was refused", async () => {
    const stranger = await usher.join("ADMIN", "Stan Stranger");
    await renewCatalogue(usher.app, serverId, stranger.user.id);
    expect([await tools(), redeemed()]).toEqual([0, 0]);
    await renewCatalogue(usher.app, serverId, admin.user.id);
    expect(await tools()).toBeGreaterThan(0);
    expect(redeemed()).toBe(1);
  });
});

describe("Discover", () => {
  it("reports that the server accepts ID-JAGs, and that the identity provider issues them", async () => {
    const response = await admin.visit(discoverRoute, {
      path: "/api/mcp-servers/discover",
      json: { url: files.url },
    });
    const lines = (await response.text()).trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "").result).toMatchObject({
      identityAssertion: {
        supported: "yes",
        issued: { provider: "Practice ID", supported: "yes" },
      },
    });
  });
});

describe("settings", () => {
  it.each<[string, Partial<McpServerInput["oauth"]>, RegExp]>([
    ["issuer", { issuer: "" }, /issuer/],
    ["registration", { registration: "DYNAMIC" }, /Pre-registered/],
    ["tokenSharing", { tokenSharing: "PER_USER" }, /Organization/],
    [
      "grantType",
      { grantType: "AUTHORIZATION_CODE", authorizationEndpoint: "https://a.example" },
      /sign-in/,
    ],
    ["authorizationEndpoint", { ownConsent: true, authorizationEndpoint: "" }, /Authorization URL/],
  ])("that are invalid are refused at %s", async (field, change, words) => {
    const response = await admin.visit(serversRoute, {
      path: "/api/mcp-servers",
      method: "POST",
      json: { ...input(change), name: "Another" },
    });
    expect(response.status).toBe(400);
    expect((await response.json()).error.fields[`oauth.${field}`]).toMatch(words);
  });
});
