import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { POST as discoverRoute } from "@/app/api/mcp-servers/discover/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { GET as documentRoute } from "@/app/oauth/client-metadata/route";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import { startIdentityProvider } from "@/demo/identity-provider";
import { createApp } from "@/lib/app";
import { installApp } from "@/lib/app/current";
import { callTool } from "@/lib/calls/call-tool";
import type { DiscoveryLine, DiscoveryResult } from "@/lib/contracts/servers/discovery";
import { readEnv } from "@/lib/env";
import { clickAuthorize } from "@/tests/support/authorize";
import { type GuardedMcpServer, startGuardedMcpServer } from "@/tests/support/guarded-mcp-server";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { readBody, sendJson, startHttpServer } from "@/tests/support/local-http-server";
import { startHtmlSite, startPlainMcpServer } from "@/tests/support/mcp-servers";
import { startOddProvider, usualMetadata } from "@/tests/support/odd-provider";
import { discoveredInput, discoverUrl } from "@/tests/support/paste-url";
import { startSdkAuthorizationServer } from "@/tests/support/sdk-authorization-server";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function open<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

const stateOf = (lines: readonly DiscoveryLine[]) =>
  lines.map(({ step, state }) => `${step} ${state}`);

describe("a pasted URL", () => {
  it("of a server behind oidc-provider fills in the form", async () => {
    const provider: AuthorizationServer = open(
      await startAuthorizationServer({ redirectUris: [`${publicUrl}/oauth/callback`] }),
    );
    const server: GuardedMcpServer = open(
      await startGuardedMcpServer(
        { issuer: provider.issuer, grantOf: () => null },
        { challengedScope: "files:read files:write" },
      ),
    );
    const { lines, result } = await discoverUrl(admin, server.url);

    expect(result).toEqual({
      outcome: "oauth",
      settings: {
        issuer: provider.issuer,
        authorizationEndpoint: provider.authorizationEndpoint,
        tokenEndpoint: provider.tokenEndpoint,
        revocationEndpoint: provider.revocationEndpoint,
        registration: "PRE_REGISTERED",
        tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
        scope: "files:read files:write offline_access",
        extraAuthorizationParameters: "prompt=consent",
        resource: server.url,
        issParameterRequired: true,
      },
      identityAssertion: { supported: "no", issued: null },
      identity: { name: null, description: null },
    });
    expect(stateOf(lines)).toEqual([
      "server done",
      "protected_resource done",
      "authorization_server done",
      // It registers nobody: its other document might have said that it does.
      "authorization_server done",
      "pkce done",
      "registration warning",
      "revocation done",
      "scopes done",
    ]);
    for (const line of lines) {
      expect(line.asked).not.toBe("");
      expect(line.answered).toMatch(/\.$/);
      expect(line.clause.name).toMatch(/^(RFC \d+ §|MCP 20|OpenID)/);
      expect(URL.canParse(line.clause.url)).toBe(true);
    }
  });

  it("of a server whose provider accepts ID-JAGs reports that", async () => {
    const redirectUris = [`${publicUrl}/oauth/callback`];
    const identityProvider = open(await startIdentityProvider({ redirectUris }));
    const provider = open(await startAuthorizationServer({ redirectUris, identityProvider }));
    const server: GuardedMcpServer = open(
      await startGuardedMcpServer({ issuer: provider.issuer, grantOf: () => null }, {}),
    );
    const { result } = await discoverUrl(admin, server.url);
    expect(result).toMatchObject({ identityAssertion: { supported: "yes" } });
  });

  it("of a server behind the SDK's router is found by its well-known location alone", async () => {
    const provider = open(await startSdkAuthorizationServer({ scopes: ["files:read"] }));
    const server: GuardedMcpServer = open(
      await startGuardedMcpServer(provider, { scopesSupported: ["files:read"] }),
    );
    const { result } = await discoverUrl(admin, server.url);
    expect(result).toMatchObject({
      outcome: "oauth",
      settings: {
        issuer: provider.issuer,
        registration: "DYNAMIC",
        tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
        scope: "files:read",
        resource: server.url,
      },
    });
    expect(provider.clients.size).toBe(0);
  });

  it("of an open server needs no sign-in", async () => {
    const server = open(await startPlainMcpServer());
    const { result } = await discoverUrl(admin, server.url);
    expect(result).toMatchObject({ outcome: "open" });
  });

  it("of an open server yields its name, on one line and truncated, whatever the server wrote there", async () => {
    const title = `Team\u202e\nWiki ${"!".repeat(500)}`;
    const description = 7;
    const named = async (event: boolean) => {
      const server = open(
        await startHttpServer(async (request, response) => {
          const body = await readBody(request);
          if (request.method !== "POST") return sendJson(response, 405, {});
          const { id, method } = JSON.parse(body);
          const serverInfo = { name: "wiki", title, description };
          const answer = {
            jsonrpc: "2.0",
            id,
            result: method === "initialize" ? { serverInfo } : { tools: [] },
          };
          if (!event) return sendJson(response, 200, answer);
          response.writeHead(200, { "content-type": "text/event-stream" });
          // It stays open, as a stream may.
          response.write(`: hello\n\nevent: message\ndata: ${JSON.stringify(answer)}\n\n`);
        }),
      );
      return (await discoverUrl(admin, `${server.origin}/mcp`)).result;
    };
    for (const event of [false, true]) {
      const result = await named(event);
      if (result.outcome !== "open") throw new Error(`It ended as ${JSON.stringify(result)}.`);
      expect(result.identity.name).toMatch(/^Team Wiki !{49}…$/);
      expect(result.identity.description).toBeNull();
    }
  });

  /** Its authorization server has no page on which anyone could consent. */
  const withoutConsent = (more: Record<string, unknown>) =>
    startOddProvider((origin) => ({
      servers: {
        "/.well-known/oauth-authorization-server": usualMetadata(origin, {
          ...{ authorization_endpoint: undefined, response_types_supported: [] },
          ...{ scopes_supported: ["files", "offline_access"], ...more },
        }),
      },
      challenge: `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", scope="files"`,
    }));

  it("of a server with client credentials only fills in a form that can be saved, and calls work", async () => {
    const grants = { grant_types_supported: ["client_credentials"] };
    const provider = open(await withoutConsent(grants));
    const { lines, result } = await discoverUrl(admin, provider.url);
    expect(result).toMatchObject({
      outcome: "oauth",
      settings: {
        ...{ authorizationEndpoint: "", grantType: "CLIENT_CREDENTIALS", tokenSharing: "SHARED" },
        ...{ registration: "PRE_REGISTERED", scope: "files", extraAuthorizationParameters: "" },
      },
    });
    expect(stateOf(lines)).toEqual([
      "server done",
      "protected_resource done",
      "authorization_server done",
      "authorization_server absent",
      "grant warning",
      "registration warning",
      "revocation warning",
      "scopes done",
    ]);
    expect(lines.find(({ step }) => step === "grant")).toMatchObject({
      answered: "No: it offers no authorization code.",
      advice: expect.stringContaining("It offers client credentials instead."),
    });
    if (result.outcome !== "oauth") return;
    const client = { clientId: "usher", clientSecret: "secret" };
    const saved = await admin.visit(createRoute, {
      path: "/api/mcp-servers",
      json: discoveredInput(provider.url, result.settings, client),
    });
    expect(saved.status).toBe(201);
    const { id: serverId } = await saved.json();
    // No one is asked for consent.
    expect(await clickAuthorize(admin, serverId)).toMatch(new RegExp(`^${publicUrl}/`));
    const called = await callTool(usher.app, {
      ...{ serverId, user: admin.actor, toolName: "ping", input: {} },
      signal: new AbortController().signal,
    });
    expect(called.isError).toBe(false);
    expect(provider.at("/token").at(-1)?.form.grant_type).toBe("client_credentials");
  });

  it("of a server with ID-JAGs only selects Organization, and can be saved", async () => {
    const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const provider = open(await withoutConsent({ grant_types_supported: [jwtBearer] }));
    const { result } = await discoverUrl(admin, provider.url);
    expect(result).toMatchObject({
      outcome: "oauth",
      settings: { grantType: "ID_JAG", tokenSharing: "ORGANIZATION", issuer: provider.origin },
    });
    if (result.outcome !== "oauth") return;
    const client = { clientId: "usher", clientSecret: "secret" };
    const json = {
      ...discoveredInput(provider.url, result.settings, client),
      name: "For the organization",
    };
    expect((await admin.visit(createRoute, { path: "/api/mcp-servers", json })).status).toBe(201);
  });

  it("of a server that stops offering consents: Authorize names the field and who can fix it", async () => {
    const provider = open(await startOddProvider());
    const { result } = await discoverUrl(admin, provider.url);
    if (result.outcome !== "oauth") throw new Error("It was not found.");
    const json = { ...discoveredInput(provider.url, result.settings), name: "Later a service" };
    const saved = await admin.visit(createRoute, { path: "/api/mcp-servers", json });
    const { id: serverId } = await saved.json();
    provider.odd.servers = {
      "/.well-known/oauth-authorization-server": usualMetadata(provider.origin, {
        ...{ authorization_endpoint: undefined, grant_types_supported: ["client_credentials"] },
      }),
    };
    expect(await clickAuthorize(admin, serverId)).not.toContain("/authorize");
    const failed = await usher.app.db.authorizationRequest.findFirst({ where: { serverId } });
    expect(failed?.failure).toMatch(/authorization_endpoint.+Ask an admin to click Discover/);
    expect(provider.registrations()).toEqual([]);
  });

  it("of a server that names its resource provides that name", async () => {
    const provider = open(
      await startOddProvider((_, usual) => ({
        resources: Object.fromEntries(
          Object.entries(usual.resources).map(([path, document]) => [
            path,
            { ...document, resource_name: "Odd Wiki" },
          ]),
        ),
      })),
    );
    const { result } = await discoverUrl(admin, provider.url);
    expect(result).toMatchObject({
      outcome: "oauth",
      identity: { name: "Odd Wiki", description: null },
    });
  });

  it("of a web site, of an unreachable host, and of a forbidden one, says what to do", async () => {
    const site = open(await startHtmlSite());
    expect((await discoverUrl(admin, site.url)).result).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("did not answer as an MCP server"),
    });
    const gone = await discoverUrl(admin, "http://127.0.0.1:9/mcp");
    expect(gone.result).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("refused the connection"),
    });
    const http = await discoverUrl(admin, "http://mcp.example/mcp");
    expect(http.result).toMatchObject({ reason: expect.stringContaining("https only") });
    const metadata = await discoverUrl(admin, "https://169.254.169.254/latest");
    expect(metadata.result).toMatchObject({ outcome: "failed" });
    expect(metadata.lines.map(({ state }) => state)).toEqual(["failed"]);
  });

  it("that redirects says where to, and sends nothing there", async () => {
    let followed = 0;
    const target = open(
      await startHttpServer((_request, response) => {
        followed += 1;
        response.end();
      }),
    );
    const server = open(
      await startHttpServer((_request, response) => {
        response.writeHead(307, { location: `${target.origin}/mcp` }).end();
      }),
    );
    const { result } = await discoverUrl(admin, `${server.origin}/mcp`);
    expect(result).toMatchObject({ reason: expect.stringContaining(`${target.origin}/mcp`) });
    expect(followed).toBe(0);
  });

  it("can be looked up by admins only", async () => {
    const member = await usher.join("MEMBER");
    const response = await member.visit(discoverRoute, {
      path: "/api/mcp-servers/discover",
      json: { url: "https://mcp.example" },
    });
    expect(response.status).toBe(403);
  });
});

/** A server and its provider in one, with metadata written by a test. */
async function written(
  metadata: (origin: string) => Record<string, unknown>,
  resource?: (origin: string) => Record<string, unknown>,
) {
  const seen: string[] = [];
  let origin = "";
  const server = open(
    await startHttpServer((request, response) => {
      const path = request.url ?? "";
      seen.push(`${request.method} ${path}`);
      if (path.startsWith("/.well-known/oauth-protected-resource") && resource) {
        return sendJson(response, 200, resource(origin));
      }
      if (path === "/.well-known/oauth-authorization-server") {
        return sendJson(response, 200, metadata(origin));
      }
      response.writeHead(path === "/mcp" ? 401 : 404, { "www-authenticate": "Bearer" }).end();
    }),
  );
  origin = server.origin;
  return { url: `${origin}/mcp`, seen };
}

const endpoints = (origin: string) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  code_challenge_methods_supported: ["S256"],
});

/** Saves the result, as the form does before an admin has confirmed anything. */
async function createRoutePost(url: string, result: DiscoveryResult) {
  if (result.outcome !== "oauth") throw new Error(result.outcome);
  const json = discoveredInput(url, result.settings, { clientId: "usher", clientSecret: "s" });
  const response = await admin.visit(createRoute, { path: "/api/mcp-servers", json });
  return response.json();
}

describe("metadata", () => {
  it("of an older server without resource metadata are looked up at its origin", async () => {
    const { url, seen } = await written(endpoints);
    const { result } = await discoverUrl(admin, url);
    expect(result).toMatchObject({ outcome: "oauth", settings: { resource: null, scope: null } });
    expect(seen).toEqual([
      "POST /mcp",
      "GET /.well-known/oauth-protected-resource/mcp",
      "GET /mcp/.well-known/oauth-protected-resource",
      "GET /.well-known/oauth-protected-resource",
      "GET /.well-known/oauth-authorization-server",
      "GET /.well-known/openid-configuration",
    ]);
  });

  it("that are missing leave the endpoints that MCP 2025-03-26 fixed, if one answers like OAuth", async () => {
    const server = open(
      await startHttpServer((request, response) => {
        if (request.url === "/token") return sendJson(response, 400, { error: "invalid_request" });
        response.writeHead(request.url === "/mcp" ? 401 : 404).end();
      }),
    );
    const { lines, result } = await discoverUrl(admin, `${server.origin}/mcp`);
    expect(result).toMatchObject({
      settings: {
        authorizationEndpoint: `${server.origin}/authorize`,
        tokenEndpoint: `${server.origin}/token`,
        registration: "DYNAMIC",
        s256Confirmed: false,
      },
    });
    expect(lines.find(({ state }) => state === "warning")?.advice).toContain("guess");
    expect(lines.find(({ step }) => step === "pkce")?.answered).toBe("It does not name S256.");
  });

  it("that are missing, for a server that requires a credential, ask whether it is an API key", async () => {
    const server = open(
      await startHttpServer((request, response) => {
        response.writeHead(request.url === "/mcp" ? 401 : 404).end("<h1>invalid_request</h1>");
      }),
    );
    const { lines, result } = await discoverUrl(admin, `${server.origin}/mcp`);
    expect(result).toEqual({ outcome: "credential", reason: expect.stringContaining("API key?") });
    expect(lines.some(({ step }) => step === "pkce")).toBe(false);
  });

  // NateBJones-Projects/OB1#243
  it.each([
    [{ code: -32001, message: "Unauthorized: missing API key" }, "credential"],
    ["Not authenticated", "credential"],
    [{ code: -32600, message: "Server not initialized" }, "open"],
  ])("are looked for where HTTP 200 carries the error %j: %s", async (error, outcome) => {
    const server = open(
      await startHttpServer((request, response) => {
        if (request.url !== "/mcp") return response.writeHead(404).end();
        sendJson(response, 200, { jsonrpc: "2.0", id: 1, error });
      }),
    );
    const { result } = await discoverUrl(admin, `${server.origin}/mcp`);
    expect(result.outcome).toBe(outcome);
  });

  it.each([
    [
      "without S256",
      { code_challenge_methods_supported: undefined },
      { s256Confirmed: false },
      "pkce",
    ],
    [
      "of another tenant",
      { issuer: "https://login.example/tenant" },
      { issuer: "https://login.example/tenant", issuerAccepted: false },
      "authorization_server",
    ],
  ] as const)(
    "%s are filled in, and marked for the admin's word",
    async (_, changed, marks, step) => {
      const { url } = await written((origin) => ({ ...endpoints(origin), ...changed }));
      const { lines, result } = await discoverUrl(admin, url);
      const { origin } = new URL(url);
      expect(result).toMatchObject({
        outcome: "oauth",
        settings: { tokenEndpoint: `${origin}/token`, ...marks },
      });
      expect(lines.some((line) => line.step === step && line.state === "warning")).toBe(true);
      const refused = await createRoutePost(url, result);
      expect(Object.keys(refused.error.fields)).toEqual([`oauth.${Object.keys(marks).at(-1)}`]);
    },
  );

  // openai/codex#38973
  it.each(["https://login.example/{tenantid}/v2.0", "https://login.example/%7Btenant%7D"])(
    "whose issuer is the template %s ask for the tenant's own",
    async (issuer) => {
      const { url } = await written((origin) => ({ ...endpoints(origin), issuer }));
      const { lines } = await discoverUrl(admin, url);
      const line = lines.find(({ step }) => step === "authorization_server");
      expect(line?.advice).toMatch(
        /^“\{tenant(id)?\}” stands for any tenant\. Enter the issuer by hand/,
      );
    },
  );

  it.each([
    ["without a token endpoint", { token_endpoint: undefined }, "no token endpoint"],
    [
      "with an endpoint that Usher does not connect to",
      { token_endpoint: "https://10.0.0.1/token" },
      "private network",
    ],
    [
      "with an endpoint that is not a URL",
      { authorization_endpoint: "javascript:alert(1)" },
      "no authorization endpoint",
    ],
  ])("%s end the discovery, and say why", async (_name, changed, words) => {
    const { url } = await written((origin) => ({ ...endpoints(origin), ...changed }));
    const { lines, result } = await discoverUrl(admin, url);
    expect(result).toMatchObject({ outcome: "failed", reason: expect.stringContaining(words) });
    expect(lines.some(({ state }) => state === "failed")).toBe(true);
  });

  it("of another resource end the discovery before any authorization server is asked", async () => {
    const { url, seen } = await written(endpoints, (origin) => ({
      resource: "https://evil.example/mcp",
      authorization_servers: [origin],
    }));
    const { result } = await discoverUrl(admin, url);
    expect(result).toMatchObject({ reason: expect.stringContaining("another resource") });
    expect(seen).toEqual([
      "POST /mcp",
      "GET /.well-known/oauth-protected-resource/mcp",
      "GET /mcp/.well-known/oauth-protected-resource",
      "GET /.well-known/oauth-protected-resource",
    ]);
  });

  it("are taken from the first usable authorization server", async () => {
    const other = await written(endpoints);
    const { url } = await written(endpoints, (origin) => ({
      resource: `${origin}/mcp`,
      authorization_servers: ["http://127.0.0.1:9", new URL(other.url).origin, origin],
    }));
    const { result } = await discoverUrl(admin, url);
    expect(result).toMatchObject({ settings: { issuer: new URL(other.url).origin } });
  });

  it("that are too large, or never end, are abandoned", async () => {
    const { url } = await written((origin) => ({ ...endpoints(origin), x: "x".repeat(300_000) }));
    const { lines, result } = await discoverUrl(admin, url);
    expect(lines.some(({ answered }) => answered?.includes("more data"))).toBe(true);
    expect(result).toMatchObject({ outcome: "credential" });
  });
});

describe("the client's document", () => {
  it("is served to everyone at its own URL, over https", async () => {
    const { ALLOW_HTTP_LOOPBACK: _, ...env } = usher.env;
    const app = createApp(readEnv({ ...env, PUBLIC_URL: "https://usher.example" }));
    const startup = { isDone: true, waitsFor: null };
    installApp({ ...app, startup, afterResponse: () => {} });
    const response = await documentRoute(
      new Request("https://usher.example/oauth/client-metadata"),
      { params: Promise.resolve({}) },
    );
    installApp(usher.app);
    await app.db.$disconnect();
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({
      client_id: "https://usher.example/oauth/client-metadata",
      redirect_uris: ["https://usher.example/oauth/callback"],
    });
  });

  it("does not exist for an installation that no one can reach", async () => {
    const response = await admin.visit(documentRoute, { path: "/oauth/client-metadata" });
    expect(response.status).toBe(404);
  });
});
