import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { PUT as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as serversRoute } from "@/app/api/mcp-servers/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startTeamHandbook } from "@/demo/practice-files";
import { revoke } from "@/lib/authorization/revoke";
import { callTool } from "@/lib/calls/call-tool";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { createServer } from "@/lib/servers/save";
import { accessToken, bearerSource } from "@/lib/tokens/access-token";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { TokenCache } from "@/lib/tokens/token-cache";
import { clickAuthorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { listening, sendJson } from "@/tests/support/local-http-server";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
const lifetime = 60 * minute;
const grant = "client_credentials";

let dataDir: string;
let provider: AuthorizationServer;
let handbook: PracticeMcpServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let owner: { serverId: string; ownerKey: string };

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "client-credentials-"));
  provider = await startProvider({ accessTokenLifetime: lifetime / 1000 });
  handbook = await startTeamHandbook({ provider, dataDir });
});
afterAll(async () => {
  await Promise.all([handbook.close(), provider.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  owner = { serverId: await createServer(usher.app, input()), ownerKey: "shared" };
  provider.forgetRequests();
});
afterEach(async () => {
  provider.stopFailing();
  provider.setTokenEndpointLatency(0);
  provider.setAccessTokenLifetime(lifetime / 1000);
  await usher.close();
});

function input(oauth: Partial<McpServerInput["oauth"]> = {}): McpServerInput {
  const client = { clientId: provider.serviceClientId, authorizationEndpoint: "" };
  const grantType = "CLIENT_CREDENTIALS" as const;
  return oauthServerInput(provider, {
    name: "Handbook",
    url: handbook.url,
    oauth: { ...client, grantType, ...oauth },
  });
}

const asked = (of = grant) => provider.tokenRequests[of] ?? 0;
const row = () => usher.app.db.storedTokenSet.findFirstOrThrow({ where: owner });
const token = () => accessToken(usher.app, owner);
const sweep = () =>
  runRefreshSweep(usher.app, { trigger: "cron", claimForMs: 10_000, concurrency: 4 });

/** Clicks Authorize, which asks no one for consent. */
async function connect(): Promise<string> {
  const location = await clickAuthorize(admin, owner.serverId, "?returnTo=/connections");
  await usher.settle();
  return location;
}

async function connection() {
  const response = await admin.visit(connectionRoute, {
    path: `/api/connections/${owner.serverId}`,
    params: { serverId: owner.serverId },
  });
  return (await response.json()).connection;
}

describe("authorizing", () => {
  it("connects on click, without a visit to the provider", async () => {
    expect(await connect()).toBe("http://localhost:3000/connections?authorized=1");
    expect(await connection()).toMatchObject({
      status: "connected",
      refreshable: true,
      otherAccount: null,
      standing: { status: "connected", renewal: "automatic", nextStep: null },
    });
    expect(provider.requests.some(({ path: asks }) => asks === "/authorize")).toBe(false);
    expect(asked()).toBe(1);
  });

  it("sends scope, resource and the client's credentials, and no person's", async () => {
    await connect();
    const request = provider.requests.find(({ path: asks }) => asks === "/token");
    expect(request).toMatchObject({
      parameters: { grant_type: grant, scope: "files:read files:write", resource: handbook.url },
    });
    expect(await row()).toMatchObject({ grantType: "CLIENT_CREDENTIALS", userId: null });
  });

  it("lets everyone's calls act as the client", async () => {
    await connect();
    const member = await usher.join("MEMBER");
    const result = await callTool(usher.app, {
      serverId: owner.serverId,
      user: member.actor,
      toolName: "list_files",
      input: {},
      signal: new AbortController().signal,
    });
    expect(result.isError).toBe(false);
  });

  it("reports what the provider refused, stores nothing, and names the refusal in the flow", async () => {
    provider.failNextTokenRequests(2, { kind: "status", status: 400, error: "invalid_scope" });
    expect(await connect()).toContain("authorization_error=provider_error");
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
    expect((await connection()).failedAuthorization.reason).toMatch(/scope/);
    const response = await admin.visit(flowsRoute, {
      path: `/api/mcp-servers/${owner.serverId}/flows`,
      params: { serverId: owner.serverId },
    });
    const { flows } = await response.json();
    expect(flows[0]).toMatchObject({ outcome: "failed", steps: [{ kind: "client_credentials" }] });
  });

  it("is limited to admins: a member who opens the link is refused, and no token is requested", async () => {
    const member = await usher.join("MEMBER");
    const location = await clickAuthorize(member, owner.serverId, "?returnTo=/connections");
    expect(location).toContain("authorization_error=forbidden");
    expect(asked()).toBe(0);
  });

  it("ignores a refresh token that a provider sends in violation of the specification", async () => {
    provider.failNextTokenRequests(1, {
      kind: "changed",
      change: (answer) => ({ ...answer, refresh_token: "unwanted" }),
    });
    await connect();
    expect((await row()).refreshTokenSealed).toBeNull();
  });

  it("is in the audit with its grant type", async () => {
    await connect();
    const event = await usher.app.db.auditEvent.findFirstOrThrow({
      where: { action: "connection.authorize" },
    });
    expect(event).toMatchObject({
      actorId: admin.user.id,
      ownerKey: "shared",
      details: { grantType: "CLIENT_CREDENTIALS" },
    });
  });
});

describe("renewal", () => {
  it("requests another token by the same grant when the token is about to expire, once for a herd of replicas", async () => {
    await connect();
    const before = await token();
    clock.advance(lifetime - minute / 2);
    provider.forgetRequests();
    provider.setTokenEndpointLatency(200);
    const replicas = Array.from({ length: 4 }, () => ({
      ...usher.app,
      refreshesUnderWay: new Map(),
      tokenCache: new TokenCache(clock.now),
    }));
    const tokens = await Promise.all(
      replicas.flatMap((ctx) => Array.from({ length: 50 }, () => accessToken(ctx, owner))),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expect(asked()).toBe(1);
    expect(asked("refresh_token")).toBe(0);
  });

  it("is done by the sweep, before a call needs it", async () => {
    await connect();
    clock.advance(lifetime - 5 * minute);
    provider.forgetRequests();
    expect(await sweep()).toMatchObject({ refreshed: 1, failed: 0 });
    await token();
    expect(asked()).toBe(1);
  });

  it.each([
    ["invalid_client", 401],
    ["invalid_grant", 400],
    ["unauthorized_client", 400],
    ["invalid_scope", 400],
  ])("continues once the provider accepts the client again after %s", async (error, status) => {
    await connect();
    clock.advance(lifetime + minute);
    for (let round = 0; round < 5; round += 1) {
      provider.failNextTokenRequests(2, { kind: "status", status, error });
      await expect(token()).rejects.toMatchObject({ code: "try_later" });
      provider.stopFailing();
      clock.advance(10 * minute);
    }
    expect((await connection()).standing).toMatchObject({ status: "retrying" });
    await token();
    expect((await connection()).standing).toMatchObject({ status: "connected", reason: null });
  });

  it("replaces a token that the MCP server refuses", async () => {
    await connect();
    const before = await token();
    const bearer = bearerSource(usher.app, owner);
    const replaced = await bearer.replace(before);
    expect(replaced).not.toBe(before);
    expect(asked()).toBe(2);
  });

  it("lets calls continue while the provider is unavailable, until the token expires", async () => {
    await connect();
    const before = await token();
    clock.advance(lifetime - minute / 2);
    provider.failNextTokenRequests(1, { kind: "reset" });
    expect(await token()).toBe(before);
  });
});

describe("a second authorization", () => {
  it("also asks for the scope whose absence made a call fail", async () => {
    await connect();
    await usher.app.db.storedTokenSet.updateMany({ data: { challengedScope: "offline_access" } });
    provider.forgetRequests();
    await connect();
    const request = provider.requests.find(({ path: asks }) => asks === "/token");
    expect(request?.parameters.scope).toBe("files:read files:write offline_access");
  });

  it("stores nothing if the settings change while the provider answers", async () => {
    let isAsked = false;
    let answer = () => {};
    const saved = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await listening(
      createHttpServer(async (_, response) => {
        isAsked = true;
        await saved;
        sendJson(response, 200, { access_token: "token", token_type: "Bearer", expires_in: 60 });
      }),
    );
    try {
      const save = (tokenEndpoint: string) =>
        admin.sameBrowser().visit(serverRoute, {
          path: `/api/mcp-servers/${owner.serverId}`,
          params: { serverId: owner.serverId },
          method: "PUT",
          json: input({ tokenEndpoint }),
        });
      expect((await save(`${slow.origin}/token`)).status).toBe(200);
      const connecting = connect();
      await expect.poll(() => isAsked, { timeout: 60_000 }).toBe(true);
      expect((await save(`${slow.origin}/elsewhere`)).status).toBe(200);
      answer();
      expect(await connecting).toContain("authorization_error=cancelled");
      expect(await usher.app.db.storedTokenSet.count()).toBe(0);
    } finally {
      await slow.close();
    }
  });
});

describe("settings", () => {
  const save = (change: Partial<McpServerInput["oauth"]>) =>
    admin.visit(serversRoute, {
      path: "/api/mcp-servers",
      method: "POST",
      json: { ...input(change), name: "Another" },
    });

  it.each<[string, Partial<McpServerInput["oauth"]>, RegExp]>([
    ["tokenSharing", { tokenSharing: "PER_USER" }, /Shared/],
    ["tokenEndpointAuthMethod", { tokenEndpointAuthMethod: "NONE" }, /authenticates/],
    ["registration", { registration: "DYNAMIC", issuer: "https://a.example" }, /Pre-registered/],
    ["clientId", { clientId: "" }, /client ID/],
    ["tokenEndpoint", { tokenEndpoint: "" }, /Token URL/],
  ])("that are invalid are refused at %s", async (field, change, words) => {
    const response = await save(change);
    expect(response.status).toBe(400);
    expect((await response.json()).error.fields[`oauth.${field}`]).toMatch(words);
  });

  it("end the account when the grant type changes, and nothing of it is used again", async () => {
    await connect();
    const changed = input({
      grantType: "AUTHORIZATION_CODE",
      authorizationEndpoint: provider.authorizationEndpoint,
    });
    const response = await admin.visit(serverRoute, {
      path: `/api/mcp-servers/${owner.serverId}`,
      params: { serverId: owner.serverId },
      method: "PUT",
      json: { ...changed, clientSecret: "" },
    });
    expect(response.status).toBe(200);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
  });

  it("end the account when it is disconnected, and its token is revoked at the provider", async () => {
    await connect();
    await revoke(usher.app, admin.actor, owner);
    await usher.settle();
    expect(provider.requests.filter(({ path: asks }) => asks === "/revoke")).toHaveLength(1);
    await expect(token()).rejects.toMatchObject({ code: "authorization_required" });
  });
});
