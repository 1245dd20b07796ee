import { createServer as createHttpServer } from "node:http";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as jwksRoute } from "@/app/oauth/jwks/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { revoke } from "@/lib/authorization/revoke";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize, clickAuthorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { listening, readBody, sendJson } from "@/tests/support/local-http-server";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 3_600_000;
const day = 24 * hour;

let keysAt: Awaited<ReturnType<typeof listening>>;
let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;

/** What the JWKS URL answers. */
async function publishedKeys(): Promise<JWK[]> {
  const response = await jwksRoute(new Request("http://localhost:3000/oauth/jwks"), {
    params: Promise.resolve({} as never),
  });
  expect(response.headers.get("cache-control")).toContain("max-age=3600");
  return (await response.json()).keys;
}

beforeAll(async () => {
  // The provider fetches the keys as it would over the internet.
  keysAt = await listening(
    createHttpServer(async (_, response) => {
      sendJson(response, 200, { keys: await publishedKeys() });
    }),
  );
});
afterAll(() => keysAt.close());

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  // It caches the keys, and each installation has its own.
  provider = await startProvider({ jwksUri: `${keysAt.origin}/oauth/jwks` });
});
afterEach(async () => {
  await Promise.all([provider.close(), usher.close()]);
});

async function server(oauth: Partial<OAuthClientInput>) {
  const method = { tokenEndpointAuthMethod: "PRIVATE_KEY_JWT", clientSecret: "" } as const;
  const name = `Server ${(await usher.app.db.mcpServer.count()) + 1}`;
  const input = oauthServerInput(provider, { name, oauth: { ...method, ...oauth } });
  return { serverId: await createServer(usher.app, input), ownerKey: "shared" };
}
const byCode = () => server({ clientId: provider.signingClientId });
const byClient = (oauth: Partial<OAuthClientInput> = {}) =>
  server({
    ...{ clientId: provider.signingServiceClientId, authorizationEndpoint: "" },
    ...{ grantType: "CLIENT_CREDENTIALS" as const, ...oauth },
  });

/** What a provider that accepts anything received in two requests, and its Token URL. */
async function sentAssertions(oauth: Partial<OAuthClientInput>): Promise<[string, string, string]> {
  const forms: URLSearchParams[] = [];
  const other = await listening(
    createHttpServer(async (request, response) => {
      forms.push(new URLSearchParams(await readBody(request)));
      sendJson(response, 200, { access_token: "token", token_type: "Bearer", expires_in: 60 });
    }),
  );
  try {
    const tokenEndpoint = `${other.origin}/token`;
    const { serverId } = await byClient({ tokenEndpoint, revocationEndpoint: "", ...oauth });
    await clickAuthorize(admin, serverId);
    await clickAuthorize(admin, serverId);
    expect(forms.map((form) => form.get("client_assertion_type"))).toEqual([
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ]);
    expect(forms.some((form) => form.has("client_secret"))).toBe(false);
    const [first, second] = forms.map((form) => form.get("client_assertion") ?? "");
    return [first ?? "", second ?? "", tokenEndpoint];
  } finally {
    await other.close();
  }
}

describe("a signed JWT", () => {
  it("authenticates the client in a consent, a refresh and a revocation", async () => {
    const owner = await byCode();
    expect(await authorize(admin, owner.serverId)).toContain("authorized=1");
    await usher.settle();
    clock.advance(2 * hour);
    await accessToken(usher.app, owner);
    expect(provider.tokenRequests).toMatchObject({ authorization_code: 1, refresh_token: 1 });
    await revoke(usher.app, admin.actor, owner);
    await usher.settle();
    const revocations = provider.requests.filter(({ path }) => path === "/revoke");
    expect(revocations.map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([false, true])("authenticates client credentials (RS256: %s)", async (signWithRs256) => {
    const owner = await byClient({ signWithRs256 });
    expect(await clickAuthorize(admin, owner.serverId)).toContain("authorized=1");
    expect(provider.requests.filter(({ path }) => path === "/token")).toMatchObject([
      { status: 200 },
    ]);
  });

  it("is what a refusal mentions, and not a secret that no one entered", async () => {
    const { serverId } = await byClient();
    provider.failNextTokenRequests(1, { kind: "status", status: 401, error: "invalid_client" });
    await clickAuthorize(admin, serverId);
    const { failure } = await usher.app.db.authorizationRequest.findFirstOrThrow();
    expect(failure).toContain("does not accept the JWT that Usher signs");
    expect(failure).not.toContain("secret");
  });

  it("says from whom, for whom, for a minute and once; its key is at the JWKS URL", async () => {
    const issuer = "https://issuer.example";
    const [first, second] = await sentAssertions({ issuer });
    const claims = decodeJwt(first);
    const clientId = provider.signingServiceClientId;
    expect(claims).toMatchObject({ iss: clientId, sub: clientId, aud: issuer });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60);
    expect(decodeJwt(second).jti).not.toBe(claims.jti);
    expect(decodeProtectedHeader(first)).toMatchObject({ alg: "ES256", typ: "JWT" });
    const jwks = createRemoteJWKSet(new URL(`${keysAt.origin}/oauth/jwks`));
    await jwtVerify(first, jwks, { currentDate: clock.now() });
  });

  it.each<[string, Partial<OAuthClientInput>, (tokenUrl: string) => string]>([
    [
      "the audience that an admin entered",
      { assertionAudience: "https://a.example/t" },
      () => "https://a.example/t",
    ],
    [
      "the endpoint that is asked, if no one named an issuer",
      { issuer: "" },
      (tokenUrl) => tokenUrl,
    ],
  ])("is addressed to %s", async (_, oauth, audience) => {
    const [first, , tokenUrl] = await sentAssertions(oauth);
    expect(decodeJwt(first).aud).toBe(audience(tokenUrl));
  });

  it("never reaches the flow's record", async () => {
    const { serverId } = await byClient();
    await clickAuthorize(admin, serverId);
    await usher.settle();
    const flows = JSON.stringify(await usher.app.db.flowRecord.findMany());
    expect(flows).toContain("client_assertion");
    expect(flows).not.toMatch(/eyJ[\w-]{10,}/);
  });
});

describe("the keys", () => {
  it("are published without any private part", async () => {
    const keys = await publishedKeys();
    expect(keys.map(({ alg, use, kty }) => ({ alg, use, kty }))).toEqual([
      { alg: "ES256", use: "sig", kty: "EC" },
      { alg: "RS256", use: "sig", kty: "RSA" },
    ]);
    for (const name of ["d", "p", "q", "dp", "dq", "qi", "k"]) {
      expect(keys.some((key) => name in key)).toBe(false);
    }
  });

  it("are created once, however many callers ask at the same time", async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, publishedKeys));
    expect(new Set(asked.map((keys) => JSON.stringify(keys))).size).toBe(1);
  });

  it("do not open in another key's place", async () => {
    const { serverId } = await byClient();
    await publishedKeys();
    const [first, second] = await usher.app.db.clientKey.findMany({
      orderBy: { algorithm: "asc" },
    });
    await usher.app.db.clientKey.update({
      where: { id: first?.id ?? "" },
      data: { privateKeySealed: second?.privateKeySealed ?? "" },
    });
    const location = await clickAuthorize(admin, serverId);
    expect(location).not.toContain("authorized=1");
    expect(provider.tokenRequests.client_credentials ?? 0).toBe(0);
  });

  it("are replaced by new ones after 90 days, published two days before and after they sign", async () => {
    const [es256] = await publishedKeys();
    const ids = async () =>
      (await publishedKeys()).filter(({ alg }) => alg === "ES256").map(({ kid }) => kid);
    clock.advance(89 * day);
    expect(await ids()).toEqual([es256?.kid]);
    clock.advance(2 * day);
    const both = await ids();
    expect(both).toHaveLength(2);
    expect(both[0]).toBe(es256?.kid);
    clock.advance(3 * day);
    expect(await ids()).toEqual(both);
    clock.advance(2 * day);
    expect(await ids()).toEqual([both[1]]);
  });
});
