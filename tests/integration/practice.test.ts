import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import { until } from "@/tests/support/mcp-fixture";
import { ProviderClient } from "@/tests/support/provider-client";
import { consent, ProviderBrowser } from "@/tests/support/provider-consent";

const redirectUri = "http://127.0.0.1:9/oauth/callback";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const running: AuthorizationServer[] = [];

async function start(options: Partial<AuthorizationServerOptions> = {}) {
  const provider = await startAuthorizationServer({ redirectUris: [redirectUri], ...options });
  running.push(provider);
  return { provider, client: new ProviderClient(provider, { redirectUri }) };
}

async function isActive(provider: AuthorizationServer, token: string): Promise<boolean> {
  const { clientId, clientSecret } = provider.introspectionClient;
  const response = await fetch(provider.introspectionEndpoint, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ token }),
  });
  return (await response.json()).active;
}

afterEach(async () => {
  for (const provider of running.splice(0)) await provider.close();
});

describe("the practice provider", () => {
  it("issues tokens to a client that brings PKCE and a person's consent", async () => {
    const { provider, client } = await start({ accessTokenLifetime: 120 });
    const tokens = await client.authorize({ person: "grace", scope: "files:read" });
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 120, scope: "files:read" });
    expect(tokens.refresh_token).toBeTruthy();
    expect(await isActive(provider, tokens.access_token)).toBe(true);
    expect(provider.tokenRequests).toEqual({ authorization_code: 1 });
  });

  it.each([
    ["without PKCE", {}],
    ["with the plain method", { code_challenge: CHALLENGE, code_challenge_method: "plain" }],
  ])("refuses an authorization request %s", async (_how, parameters) => {
    const { client } = await start();
    const callback = await consent({
      authorizationUrl: client.authorizationUrl(parameters),
      person: "ada",
    });
    expect(callback.searchParams.get("error")).toBe("invalid_request");
    expect(callback.searchParams.has("code")).toBe(false);
  });

  it("rejects a code with a verifier other than the one it was requested with", async () => {
    const { client } = await start();
    const callback = await consent({
      authorizationUrl: client.authorizationUrl({
        code_challenge: CHALLENGE,
        code_challenge_method: "S256",
      }),
      person: "ada",
    });
    await expect(client.exchange(callback, "a".repeat(43))).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("names itself as the issuer in each callback and answers a denial with access_denied", async () => {
    const { provider, client } = await start();
    const callback = await consent({
      authorizationUrl: client.authorizationUrl({
        code_challenge: CHALLENGE,
        code_challenge_method: "S256",
      }),
      person: "ada",
      decision: "deny",
    });
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({
      error: "access_denied",
      state: "practice-state",
      iss: provider.issuer,
    });
  });

  it("does not redirect to an unregistered URI", async () => {
    const { client } = await start();
    const authorizationUrl = client.authorizationUrl({ redirect_uri: "http://127.0.0.1:9/other" });
    await expect(consent({ authorizationUrl, person: "ada" })).rejects.toThrow(/redirect_uri/);
  });

  it("lets one browser consent as Ada and then as Grace", async () => {
    const { provider, client } = await start();
    const browser = new ProviderBrowser();
    await client.authorize({ person: "ada", browser });
    await client.authorize({ person: "grace", browser });
    expect([provider.countGrantsOf("ada"), provider.countGrantsOf("grace")]).toEqual([1, 1]);
    expect(browser.cookieNames()).not.toContain("practice_session");
  });

  it("shows a consent page that fetches nothing and runs no script", async () => {
    const { client } = await start();
    const page = await new ProviderBrowser().open(
      client.authorizationUrl({ code_challenge: CHALLENGE, code_challenge_method: "S256" }),
    );
    const html = page.kind === "page" ? page.html : "";
    expect(html).toContain("Ada Lovelace");
    expect(html).toContain("no passwords");
    expect(html).not.toMatch(/<script|<link|<img|src=|url\(/);
  });

  it.each(["postClientId", "publicClientId"] as const)("serves its %s", async (kind) => {
    const { provider } = await start();
    const client = new ProviderClient(provider, { redirectUri, clientId: provider[kind] });
    const tokens = await client.authorize({ person: "ada" });
    await client.refresh(tokens.refresh_token);
    expect(provider.requests.at(-1)?.clientAuthentication).toBe(
      kind === "postClientId" ? "post" : "none",
    );
  });

  it("rotates refresh tokens, and a reused one ends the grant", async () => {
    const { provider, client } = await start();
    const first = await client.authorize({ person: "ada" });
    const second = await client.refresh(first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);

    const reuse = client.refresh(first.refresh_token);
    await expect(reuse).rejects.toMatchObject({ error: "invalid_grant" });
    const successor = client.refresh(second.refresh_token);
    await expect(successor).rejects.toMatchObject({ error: "invalid_grant" });
    expect(await isActive(provider, second.access_token)).toBe(false);
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it("accepts at most one of many concurrent refreshes, and ends the grant", async () => {
    const { provider, client } = await start();
    const { refresh_token } = await client.authorize({ person: "ada" });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => client.refreshResponse(refresh_token)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(provider.countGrantsOf("ada")).toBe(0);
    expect(provider.tokenRequests).toEqual({ authorization_code: 1, refresh_token: 8 });
  });

  it("accepts a rotated refresh token again within the configured grace period", async () => {
    const { client } = await start({ reuseGraceSeconds: 10 });
    const { refresh_token } = await client.authorize({ person: "ada" });
    await client.refresh(refresh_token);
    expect((await client.refresh(refresh_token)).access_token).toBeTruthy();
  });

  it("revokes a grant by its refresh token, and from outside all grants of a person", async () => {
    const { provider, client } = await start();
    const ada = await client.authorize({ person: "ada" });
    const grace = await client.authorize({ person: "grace" });
    await client.revoke(ada.refresh_token);
    expect(await isActive(provider, ada.access_token)).toBe(false);
    expect(await isActive(provider, grace.access_token)).toBe(true);

    expect(await provider.revokeGrantsOf("grace")).toBe(1);
    expect(await isActive(provider, grace.access_token)).toBe(false);
    await expect(client.refresh(grace.refresh_token)).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("drops access tokens while their refresh token still works", async () => {
    const { provider, client } = await start();
    const tokens = await client.authorize({ person: "ada" });
    expect(await provider.dropAccessTokensOf("ada")).toBe(1);
    expect(await isActive(provider, tokens.access_token)).toBe(false);
    const { access_token } = await client.refresh(tokens.refresh_token);
    expect(await isActive(provider, access_token)).toBe(true);
  });

  it("issues refresh tokens only with offline_access, if told to", async () => {
    const { client } = await start({ refreshTokens: "offline_access" });
    expect((await client.authorize({ person: "ada" })).refresh_token).toBeUndefined();
  });

  it("knows the registered resources, and no others", async () => {
    const { provider, client } = await start();
    provider.registerResource("http://127.0.0.1:9/mcp", "Somewhere");
    const known = await client.authorize({ person: "ada", resource: "http://127.0.0.1:9/mcp" });
    expect((await client.refresh(known.refresh_token)).access_token).toBeTruthy();
    await expect(
      client.authorize({ person: "ada", resource: "http://127.0.0.1:9/other" }),
    ).rejects.toMatchObject({ error: "invalid_target" });
  });
});

describe("the practice provider with a folder", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "practice-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it("keeps grants, used refresh tokens and signing keys across a restart", async () => {
    const first = await start({ dataDir, clientSecret: "kept-by-the-caller" });
    const ada = await first.client.authorize({ person: "ada" });
    const grace = await first.client.authorize({ person: "grace" });
    const rotated = await first.client.refresh(grace.refresh_token);
    const keys = await (await fetch(first.provider.jwksUri)).text();
    await first.provider.close();

    const { port } = first.provider;
    const second = await start({ dataDir, clientSecret: "kept-by-the-caller", port });
    expect(await isActive(second.provider, ada.access_token)).toBe(true);
    await second.client.refresh(ada.refresh_token);
    expect(await (await fetch(second.provider.jwksUri)).text()).toBe(keys);
    await expect(second.client.refresh(grace.refresh_token)).rejects.toThrow();
    await expect(second.client.refresh(rotated.refresh_token)).rejects.toThrow();
  });
});

describe("fault injection at the token endpoint", () => {
  /** @param stop aborted once the provider has the request: any earlier, the fault would hit the next one */
  async function refreshWith(fault: EndpointFault, stop?: AbortController) {
    const { provider, client } = await start();
    const tokens = await client.authorize({ person: "ada" });
    provider.failNextTokenRequests(1, fault);
    const answering = client
      .refreshResponse(tokens.refresh_token, stop?.signal)
      .then(
        async (response) => ({ response, body: await response.text() }),
        (error: Error) => error,
      )
      .catch((error: Error) => error);
    if (stop) {
      await until(() => provider.tokenRequests.refresh_token === 1);
      stop.abort();
    }
    return { provider, client, tokens, answer: await answering };
  }
  type Answer = { response: Response; body: string };

  it.each<[string, EndpointFault, (answer: Answer) => void]>([
    ["503", { kind: "status", status: 503 }, ({ response }) => expect(response.status).toBe(503)],
    [
      "429 with Retry-After",
      { kind: "status", status: 429, error: "slow_down", retryAfter: 7 },
      ({ response, body }) => {
        expect(response.status).toBe(429);
        expect(response.headers.get("retry-after")).toBe("7");
        expect(JSON.parse(body).error).toBe("slow_down");
      },
    ],
    [
      "a web page",
      { kind: "html" },
      ({ response }) => expect(response.headers.get("content-type")).toContain("text/html"),
    ],
    [
      "truncated JSON",
      { kind: "broken-json" },
      ({ body }) => expect(() => JSON.parse(body)).toThrow(SyntaxError),
    ],
    [
      "ok: false",
      { kind: "ok-false", error: "token_revoked" },
      ({ response, body }) => {
        expect(response.status).toBe(200);
        expect(JSON.parse(body)).toEqual({ ok: false, error: "token_revoked" });
      },
    ],
    [
      "many bytes",
      { kind: "huge", bytes: 1_000_000 },
      ({ body }) => expect(body.length).toBeGreaterThan(1_000_000),
    ],
    [
      "a redirect",
      { kind: "redirect", status: 307, location: "http://127.0.0.1:9/elsewhere" },
      ({ response }) => {
        expect(response.status).toBe(307);
        expect(response.headers.get("location")).toBe("http://127.0.0.1:9/elsewhere");
      },
    ],
  ])("answers with %s, once, and leaves the refresh token unused", async (_name, fault, check) => {
    const { client, tokens, answer } = await refreshWith(fault);
    check(answer as Answer);
    expect((await client.refresh(tokens.refresh_token)).access_token).toBeTruthy();
  });

  it.each<[string, EndpointFault]>([
    ["never answers", { kind: "hang" }],
    ["answers white space forever", { kind: "drip", everyMs: 10 }],
    ["resets the connection", { kind: "reset" }],
  ])("%s", async (_name, fault) => {
    const { client, tokens, answer } = await refreshWith(fault, new AbortController());
    expect(answer).toBeInstanceOf(Error);
    expect((await client.refresh(tokens.refresh_token)).access_token).toBeTruthy();
  });

  it("loses a response after it rotated the token", async () => {
    const { provider, client, tokens, answer } = await refreshWith({ kind: "lost-answer" });
    expect(answer).toBeInstanceOf(Error);
    await expect(client.refresh(tokens.refresh_token)).rejects.toThrow();
    expect(provider.countGrantsOf("ada")).toBe(0);
  });

  it.each<[string, EndpointFault, (answer: Answer) => void]>([
    [
      "byte by byte",
      { kind: "slow-answer" },
      ({ body }) => expect(JSON.parse(body)).toHaveProperty("access_token"),
    ],
    [
      "form-encoded",
      { kind: "form-encoded" },
      ({ response, body }) => {
        expect(response.headers.get("content-type")).toContain("x-www-form-urlencoded");
        expect(new URLSearchParams(body).get("access_token")).toBeTruthy();
      },
    ],
    [
      "without expires_in",
      { kind: "expires-in", value: undefined },
      ({ body }) => expect(JSON.parse(body)).not.toHaveProperty("expires_in"),
    ],
    [
      "with a text as expires_in",
      { kind: "expires-in", value: "3600" },
      ({ body }) => expect(JSON.parse(body).expires_in).toBe("3600"),
    ],
    [
      "changed at will",
      { kind: "changed", change: ({ refresh_token: _, ...rest }) => rest },
      ({ body }) => expect(JSON.parse(body)).not.toHaveProperty("refresh_token"),
    ],
  ])("alters a good response: %s", async (_name, fault, check) => {
    const { answer } = await refreshWith(fault);
    check(answer as Answer);
  });

  it("continues until it is stopped, counts each request, and logs no secret", async () => {
    const { provider, client } = await start();
    const tokens = await client.authorize({ person: "ada" });
    provider.failNextTokenRequests(Number.POSITIVE_INFINITY, { kind: "status", status: 500 });
    for (let i = 0; i < 3; i++) await client.refreshResponse(tokens.refresh_token);
    provider.stopFailing();
    await client.refresh(tokens.refresh_token);
    expect(provider.tokenRequests.refresh_token).toBe(4);
    expect(provider.requests.slice(-4).map(({ status }) => status)).toEqual([500, 500, 500, 200]);

    const written = JSON.stringify(provider.requests);
    for (const secret of [tokens.refresh_token, tokens.access_token, provider.clientSecret]) {
      expect(written).not.toContain(secret);
    }
  });

  it("waits for as long as it is told to", async () => {
    const { provider, client } = await start();
    const tokens = await client.authorize({ person: "ada" });
    provider.setTokenEndpointLatency(150);
    const began = performance.now();
    await client.refresh(tokens.refresh_token);
    expect(performance.now() - began).toBeGreaterThanOrEqual(145);
  });
});
