import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PUT as changeRoute, GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { installApp } from "@/lib/app/current";
import { callTool } from "@/lib/calls/call-tool";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { AuthorizationRequiredError, TryLaterError } from "@/lib/errors";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize, clickAuthorize, openCallback } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type GuardedMcpServer, startGuardedMcpServer } from "@/tests/support/guarded-mcp-server";
import {
  type Installation,
  publicUrl,
  startInstallation,
  visitorFor,
} from "@/tests/support/installation";
import { sendJson, startHttpServer } from "@/tests/support/local-http-server";
import {
  addByUrl,
  authorizeUnasked,
  discoveredInput,
  discoverUrl,
} from "@/tests/support/paste-url";
import { consent } from "@/tests/support/provider-consent";
import {
  type SdkAuthorizationServer,
  startSdkAuthorizationServer,
} from "@/tests/support/sdk-authorization-server";
import { temporaryFolder } from "@/tests/support/temporary-folder";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let clock: Clock;
let admin: Visitor;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function open<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

const minute = 60_000;
const hour = 60 * minute;
const shared = (serverId: string) => ({ serverId, ownerKey: "shared" });
const clientOf = (serverId: string) =>
  usher.app.db.oAuthClient.findUniqueOrThrow({ where: { serverId } });

async function detailOf(serverId: string): Promise<McpServerDetail> {
  const path = `/api/mcp-servers/${serverId}`;
  const response = await admin.visit(detailRoute, { path, params: { serverId } });
  return (await response.json()) as McpServerDetail;
}

async function call(serverId: string, toolName: string, input = {}) {
  // After a consent the list of tools is read over a separate connection.
  await usher.settle();
  const { user } = admin;
  const signal = new AbortController().signal;
  const result = await callTool(usher.app, { serverId, toolName, input, user, signal });
  return result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

describe("oidc-provider with registration", () => {
  let provider: AuthorizationServer;
  let files: PracticeMcpServer;

  beforeAll(async () => {
    provider = await startAuthorizationServer({ redirectUris: [], registration: true });
  });
  afterAll(() => provider.close());
  beforeEach(async () => {
    files = open(await startPersonalFiles({ provider, dataDir: await temporaryFolder() }));
    provider.forgetRequests();
  });

  it("leads from a pasted URL to a tool's answer, with nothing entered by hand", async () => {
    const serverId = await addByUrl(admin, files.url);
    expect(await clientOf(serverId)).toMatchObject({ clientId: "", registration: "DYNAMIC" });

    expect(await authorize(admin, serverId)).toContain("authorized=1");
    await usher.settle();
    expect(await call(serverId, "list_files")).toContain(".md");

    const { oauthClient } = await detailOf(serverId);
    expect(oauthClient).toMatchObject({
      registration: "DYNAMIC",
      hasClientSecret: true,
      tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      issParameterRequired: true,
      registered: {
        issuer: provider.issuer,
        because: "first",
        secretExpiresAt: null,
        forgotten: false,
      },
    });
    expect(JSON.stringify(oauthClient)).not.toMatch(/sealed/i);
    expect(provider.requests.filter(({ path }) => path === "/reg")).toHaveLength(1);
    const token = provider.requests.find(({ path }) => path === "/token");
    expect(token?.parameters.resource).toBe(files.url);
  });

  it("registers once, however often a person authorizes", async () => {
    const serverId = await addByUrl(admin, files.url);
    await authorize(admin, serverId, "ada");
    await usher.settle();
    clock.advance(hour);
    await authorize(admin, serverId, "grace");
    expect(provider.requests.filter(({ path }) => path === "/reg")).toHaveLength(1);
  });

  it("rejects an answer without the issuer that the metadata promise, before its code is used", async () => {
    const serverId = await addByUrl(admin, files.url);
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    callbackUrl.searchParams.delete("iss");
    const response = await openCallback(admin, callbackUrl);
    expect(response.headers.get("location")).toContain("authorization_error=issuer_mismatch");
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
  });

  it("that has forgotten the client is recognized by its own page, and the client is registered again", async () => {
    const serverId = await addByUrl(admin, files.url);
    await authorize(admin, serverId);
    const { clientId: before } = await clientOf(serverId);
    expect(await provider.forgetRegisteredClients()).toBeGreaterThan(0);
    clock.advance(2 * minute);

    expect(await authorize(admin, serverId)).toContain("authorized=1");
    const after = await clientOf(serverId);
    expect(after.clientId).not.toBe(before);
    expect((await detailOf(serverId)).oauthClient?.registered?.because).toBe("forgotten");
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: "client.register" },
      orderBy: { at: "asc" },
    });
    expect(events.map(({ details }) => (details as { because: string }).because)).toEqual([
      "first",
      "forgotten",
    ]);
  });
});

describe("the SDK's authorization server", () => {
  let provider: SdkAuthorizationServer;
  let server: GuardedMcpServer;

  beforeEach(async () => {
    provider = open(await startSdkAuthorizationServer());
    server = open(await startGuardedMcpServer(provider, { challengedScope: "files:read" }));
  });

  it("leads from a pasted URL to a tool's answer, with nothing entered by hand", async () => {
    const serverId = await addByUrl(admin, server.url);
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    expect(await call(serverId, "read")).toBe("Did read.");
    const [client] = provider.clients.values();
    expect(client).toMatchObject({
      client_name: "Usher",
      redirect_uris: [`${publicUrl}/oauth/callback`],
      token_endpoint_auth_method: "client_secret_post",
      scope: "files:read",
    });
    expect(provider.requests.join("\n")).toContain('"application_type":"native"');
    const [token] = server.tokens.slice(-1);
    expect(provider.grantOf(token ?? "")).toMatchObject({ resource: server.url });
  });

  it("has the secret that it issues sealed and shown to no one", async () => {
    const serverId = await addByUrl(admin, server.url);
    await authorizeUnasked(admin, serverId);
    const [client] = provider.clients.values();
    const secret = client?.client_secret ?? "";
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(await detailOf(serverId))).not.toContain(secret);
    const rows = await usher.app.db.oAuthClient.findMany();
    expect(JSON.stringify(rows)).not.toContain(secret);
    const { registered } = (await detailOf(serverId)).oauthClient ?? {};
    expect(registered?.secretExpiresAt).toBe(rows[0]?.clientSecretExpiresAt?.toISOString());
  });

  it("issues a new client before the old one's secret expires for good", async () => {
    const serverId = await addByUrl(admin, server.url);
    await authorizeUnasked(admin, serverId);
    clock.advance(31 * 24 * hour);
    // No session lasts that long.
    await authorizeUnasked(await visitorFor(usher.app, admin.user), serverId);
    expect(provider.clients.size).toBe(2);
    expect((await clientOf(serverId)).registeredBecause).toBe("secret_expired");
  });

  it("that has forgotten everything ends the grant at a refresh, and says so", async () => {
    const serverId = await addByUrl(admin, server.url);
    await authorizeUnasked(admin, serverId);
    provider.forgetClients();
    clock.advance(2 * hour);
    // One answer may be a mistake: nothing is dropped before the provider says so again.
    await expect(accessToken(usher.app, shared(serverId))).rejects.toThrow(TryLaterError);
    expect((await detailOf(serverId)).connectionStatus).toBe("connected");
    clock.advance(minute);
    await expect(accessToken(usher.app, shared(serverId))).rejects.toThrow(
      /no longer recognizes Usher as a client.*registers again automatically/,
    );
    await expect(accessToken(usher.app, shared(serverId))).rejects.toThrow(
      AuthorizationRequiredError,
    );
    expect((await detailOf(serverId)).oauthClient?.registered?.forgotten).toBe(true);
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    expect(await call(serverId, "read")).toBe("Did read.");
    expect((await detailOf(serverId)).oauthClient?.registered?.forgotten).toBe(false);
    expect((await clientOf(serverId)).registeredBecause).toBe("forgotten");
  });

  it("that forgets the client during the consent is reported at the callback, and a second try works", async () => {
    const serverId = await addByUrl(admin, server.url);
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const sent = await fetch(authorizationUrl, { redirect: "manual" });
    provider.forgetClients();
    const callbackUrl = new URL(sent.headers.get("location") ?? "");
    const response = await openCallback(admin, callbackUrl);
    expect(response.headers.get("location")).toContain("authorization_error=provider_error");
    expect((await detailOf(serverId)).connection?.failedAuthorization?.reason).toContain(
      "refuses the client that it registered for Usher",
    );
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
  });

  it("that forgets every client immediately gets one more registration, and no third", async () => {
    const serverId = await addByUrl(admin, server.url);
    await authorizeUnasked(admin, serverId);
    for (let clicks = 0; clicks < 4; clicks++) {
      provider.forgetClients();
      clock.advance(2 * minute);
      await clickAuthorize(admin, serverId);
    }
    const location = await clickAuthorize(admin, serverId, `?returnTo=/mcp-servers/${serverId}`);
    expect(location).toBe(
      `${publicUrl}/mcp-servers/${serverId}?authorization_error=registration_failed`,
    );
    expect((await detailOf(serverId)).connection?.failedAuthorization?.reason).toContain(
      "does not know the client that it has just registered",
    );
    const registrations = provider.requests.filter((one) => one.startsWith("POST /register"));
    expect(registrations).toHaveLength(2);
  });

  it("without registration requires a client ID entered by hand", async () => {
    const closed = open(await startSdkAuthorizationServer({ registration: false }));
    const behind = open(await startGuardedMcpServer(closed));
    const { lines, result } = await discoverUrl(admin, behind.url);
    expect(result).toMatchObject({ settings: { registration: "PRE_REGISTERED" } });
    expect(lines.find(({ step }) => step === "registration")?.advice).toContain("by hand");
    await expect(addByUrl(admin, behind.url)).rejects.toThrow("Enter the client ID");
  });
});

describe("a server that moves to another issuer", () => {
  let before: SdkAuthorizationServer;
  let after: SdkAuthorizationServer;
  let server: GuardedMcpServer;
  let serverId: string;

  beforeEach(async () => {
    before = open(await startSdkAuthorizationServer());
    after = open(await startSdkAuthorizationServer());
    server = open(await startGuardedMcpServer(before, { challengedScope: "files:read" }));
    serverId = await addByUrl(admin, server.url);
    await authorizeUnasked(admin, serverId);
    await call(serverId, "read");
  });

  /** Everything that the first issuer gave, in every form in which it could be sent. */
  function secrets(): string[] {
    const [client] = before.clients.values();
    const refreshTokens = before.requests.join("\n").match(/refresh-[0-9a-f-]{36}/g);
    const { client_id = "", client_secret = "" } = client ?? {};
    return [
      client_id,
      client_secret,
      Buffer.from(`${client_id}:${client_secret}`).toString("base64"),
      ...server.tokens,
      ...(refreshTokens ?? []),
    ].filter((secret) => secret !== "");
  }

  it("gets its own client there, and the old credentials are never sent there", async () => {
    server.authorizationServer = after;
    await expect(call(serverId, "read")).rejects.toThrow(AuthorizationRequiredError);
    expect(before.requests.some((one) => one.includes("grant_type=refresh_token"))).toBe(true);

    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    expect(await call(serverId, "read")).toBe("Did read.");
    expect(await clientOf(serverId)).toMatchObject({
      issuer: after.issuer,
      registeredIssuer: after.issuer,
      registeredBecause: "issuer_changed",
    });
    clock.advance(2 * hour);
    await accessToken(usher.app, shared(serverId));

    const seen = after.requests.join("\n");
    expect(seen).toContain("grant_type=refresh_token");
    const old = secrets();
    expect(old.length).toBeGreaterThanOrEqual(5);
    for (const secret of old.filter((one) => before.grantOf(one) || !after.grantOf(one))) {
      expect(seen).not.toContain(secret);
    }
  });

  it("sends no refresh token there while the settings change during a refresh", async () => {
    const stored = await usher.app.db.storedTokenSet.findFirstOrThrow({ where: { serverId } });
    // As in a refresh that read its row before the change, and the settings after it.
    await usher.app.db.oAuthClient.update({
      where: { serverId },
      data: { tokenEndpoint: `${after.issuer}token`, issuer: after.issuer, registeredIssuer: null },
    });
    clock.advance(2 * hour);
    await expect(accessToken(usher.app, shared(serverId))).rejects.toThrow(
      AuthorizationRequiredError,
    );
    expect(stored.tokenEndpoint).toBe(`${before.issuer}token`);
    expect(after.requests).toEqual([]);
  });

  it("cannot be saved with the old issuer's credentials", async () => {
    const moving = usher.app.db.oAuthClient.update({
      where: { serverId },
      data: { issuer: after.issuer },
    });
    await expect(moving).rejects.toThrow(/credentials_belong_to_issuer/);
  });
});

describe("the settings of a server that registers automatically", () => {
  let provider: SdkAuthorizationServer;
  let server: GuardedMcpServer;
  let serverId: string;
  let input: McpServerInput;

  beforeEach(async () => {
    provider = open(await startSdkAuthorizationServer());
    server = open(await startGuardedMcpServer(provider));
    serverId = await addByUrl(admin, server.url);
    await authorizeUnasked(admin, serverId);
    const { result } = await discoverUrl(admin, server.url);
    if (result.outcome !== "oauth") throw new Error("It was found a moment ago.");
    const { version } = await detailOf(serverId);
    input = { ...discoveredInput(server.url, result.settings), version };
  });

  async function save(oauth: Partial<McpServerInput["oauth"]> = {}) {
    const response = await admin.visit(changeRoute, {
      path: `/api/mcp-servers/${serverId}`,
      method: "PUT",
      params: { serverId },
      json: { ...input, description: "Changed", oauth: { ...input.oauth, ...oauth } },
    });
    return (await response.json()) as McpServerDetail;
  }

  it("can be saved again without losing the client or its tokens", async () => {
    const { clientId } = await clientOf(serverId);
    const saved = await save();
    expect(saved.connection?.standing.status).toBe("connected");
    expect(await clientOf(serverId)).toMatchObject({ clientId, registeredIssuer: provider.issuer });
  });

  it("are kept by a form that does not mention registration", async () => {
    const { clientId } = await clientOf(serverId);
    const { registration: _, resource: __, issParameterRequired: ___, ...typed } = input.oauth;
    input = { ...input, oauth: { ...typed, clientId } };
    expect((await save()).oauthClient).toMatchObject({ clientId, registration: "DYNAMIC" });
  });

  it.each([
    { tokenEndpoint: "https://elsewhere.example/token" },
    { authorizationEndpoint: "https://elsewhere.example/authorize" },
    { issuer: "https://elsewhere.example" },
    { revocationEndpoint: "https://elsewhere.example/revoke" },
  ])("lose the client and its tokens when they name %o", async (changed) => {
    const saved = await save(changed);
    expect(saved.connection?.standing.status).toBe("not_connected");
    expect(await clientOf(serverId)).toMatchObject({
      clientId: "",
      clientSecretSealed: null,
      registeredIssuer: null,
    });
  });

  it("switch to a client entered by hand when an ID is entered", async () => {
    const saved = await save({
      registration: "PRE_REGISTERED",
      clientId: "by-hand",
      clientSecret: "a secret",
    });
    expect(saved.oauthClient).toMatchObject({ clientId: "by-hand", registered: null });
    expect(saved.connection?.standing.status).toBe("not_connected");
  });
});

describe("an authorization server that reads the client's document", () => {
  const clientMetadataUrl = "https://usher.example/oauth/client-metadata";
  let seen: string[];
  let server: GuardedMcpServer;

  beforeEach(() => {
    installApp({ ...usher.app, discovery: { ...usher.app.discovery, clientMetadataUrl } });
  });

  /** @param takesDocument whether it can read the document, and accepts it */
  async function start(
    takesDocument: boolean,
    registers = true,
    oauth: Partial<McpServerInput["oauth"]> = {},
  ) {
    seen = [];
    let issuer = "";
    const provider = open(
      await startHttpServer((request, response) => {
        const path = (request.url ?? "").replace(/\?.*/, "");
        seen.push(`${request.method} ${path}`);
        if (path === "/register") return sendJson(response, 201, { client_id: "registered" });
        if (path === "/authorize" && !takesDocument) {
          return sendJson(response, 400, { error: "invalid_client" });
        }
        if (path !== "/.well-known/oauth-authorization-server") {
          response.writeHead(path === "/authorize" ? 200 : 404).end();
          return;
        }
        sendJson(response, 200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          ...(registers ? { registration_endpoint: `${issuer}/register` } : {}),
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported: ["none"],
          client_id_metadata_document_supported: true,
        });
      }),
    );
    issuer = provider.origin;
    server = open(await startGuardedMcpServer({ issuer, grantOf: () => null }));
    return addByUrl(admin, server.url, oauth);
  }

  it("receives the document's URL as the client ID, and nothing is registered", async () => {
    const serverId = await start(true);
    const authorizationUrl = await clickAuthorize(admin, serverId);
    expect(new URL(authorizationUrl).searchParams.get("client_id")).toBe(clientMetadataUrl);
    expect(await clientOf(serverId)).toMatchObject({
      registration: "METADATA_DOCUMENT",
      tokenEndpointAuthMethod: "NONE",
      clientSecretSealed: null,
    });
    expect(seen).not.toContain("POST /register");
  });

  it("is still registered at if an admin chose that, and once more after a new choice", async () => {
    const serverId = await start(true, true, { registration: "DYNAMIC" });
    const chosen = await clickAuthorize(admin, serverId);
    expect(new URL(chosen).searchParams.get("client_id")).toBe("registered");
    expect(seen).toContain("POST /register");

    const { result } = await discoverUrl(admin, server.url);
    if (result.outcome !== "oauth") throw new Error("It was found a moment ago.");
    const { version } = await detailOf(serverId);
    const response = await admin.visit(changeRoute, {
      path: `/api/mcp-servers/${serverId}`,
      method: "PUT",
      params: { serverId },
      json: { ...discoveredInput(server.url, result.settings), version },
    });
    expect(response.status).toBe(200);
    expect(await clientOf(serverId)).toMatchObject({ clientId: "" });
    const byDocument = await clickAuthorize(admin, serverId);
    expect(new URL(byDocument).searchParams.get("client_id")).toBe(clientMetadataUrl);
  });

  it("but cannot read it is registered at instead, before the person is sent there", async () => {
    const serverId = await start(false);
    const authorizationUrl = await clickAuthorize(admin, serverId);
    expect(new URL(authorizationUrl).searchParams.get("client_id")).toBe("registered");
    expect(await clientOf(serverId)).toMatchObject({ registration: "DYNAMIC" });
  });

  it("but can neither read it nor register clients says what to check", async () => {
    const serverId = await start(false, false);
    expect(await clickAuthorize(admin, serverId)).toContain("registration_failed");
    expect((await detailOf(serverId)).connection?.failedAuthorization?.reason).toContain(
      `does not take Usher's own document at ${clientMetadataUrl}`,
    );
  });
});
