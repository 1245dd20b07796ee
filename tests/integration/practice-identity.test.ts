import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from "jose";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import { type IdentityProvider, startIdentityProvider } from "@/demo/identity-provider";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { type LocalHttpServer, sendJson, startHttpServer } from "@/tests/support/local-http-server";
import { consent } from "@/tests/support/provider-consent";

const redirectUri = "http://127.0.0.1:9/api/auth/callback/oidc";
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;

let idp: IdentityProvider;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
/** Accepts the identity provider's own tokens. */
let direct: PracticeMcpServer;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "practice-identity-"));
  idp = await startIdentityProvider({ redirectUris: [redirectUri] });
  provider = await startAuthorizationServer({ redirectUris: [redirectUri], identityProvider: idp });
  files = await startPersonalFiles({ provider, dataDir: join(dataDir, "files") });
  direct = await startPersonalFiles({ provider: idp, dataDir: join(dataDir, "direct") });
  const { issuer, clientId } = provider;
  idp.connect({ issuer, clientId, resources: () => [files.url] });
});
afterAll(async () => {
  for (const one of [files, direct, provider, idp]) await one.close();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => {
  idp.forgetRequests();
  provider.forgetRequests();
  idp.assign("ada", provider.issuer);
});

type Answer = Record<string, string> & { status: number };

async function post(
  url: string,
  form: Record<string, string>,
  client: { clientId: string; clientSecret: string },
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
    body: new URLSearchParams(form),
  });
  return { ...(await response.json()), status: response.status };
}

/** OpenID Connect's code flow. */
async function signIn(person: "ada" | "grace") {
  const verifier = oauth.generateRandomCodeVerifier();
  const authorizationUrl = new URL(`${idp.issuer}/authorize`);
  authorizationUrl.search = new URLSearchParams({
    ...{ client_id: idp.clientId, redirect_uri: redirectUri, response_type: "code" },
    ...{ scope: "openid email profile", code_challenge_method: "S256" },
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  }).toString();
  const callback = await consent({ authorizationUrl, person });
  const code = callback.searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  const tokens = await post(idp.tokenEndpoint, { ...form, code_verifier: verifier }, idp);
  expect(tokens).toMatchObject({ status: 200 });
  return tokens as Answer & { id_token: string; refresh_token: string; access_token: string };
}

function exchange(form: Record<string, string>): Promise<Answer> {
  return post(idp.tokenEndpoint, { grant_type: tokenExchange, ...form }, idp);
}

function idJag(subject: { token: string; type?: string }, form: Record<string, string> = {}) {
  return exchange({
    requested_token_type: type("id-jag"),
    ...{ audience: provider.issuer, resource: files.url, scope: "files:read" },
    ...{ subject_token: subject.token, subject_token_type: type(subject.type ?? "id_token") },
    ...form,
  });
}

function redeem(
  assertion: string | undefined,
  form: Record<string, string> = {},
  client: { clientId: string; clientSecret: string } = provider,
) {
  const body = { grant_type: jwtBearer, assertion: assertion ?? "", ...form };
  return post(provider.tokenEndpoint, body, client);
}

async function callAs(server: PracticeMcpServer, token: string | undefined): Promise<string> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  const { content } = await client.callTool({ name: "whoami", arguments: {} });
  await client.close();
  return JSON.stringify(content);
}

describe("the practice identity provider", () => {
  it("signs people in with their verified address and a refresh token", async () => {
    const { id_token, refresh_token } = await signIn("ada");
    expect(decodeJwt(id_token)).toMatchObject({
      ...{ iss: idp.issuer, aud: "usher", sub: "ada", email: "ada@practice.example" },
      ...{ email_verified: true, name: "Ada Lovelace" },
    });
    expect(refresh_token).toBeTruthy();
  });

  it("says in its metadata that it issues ID-JAGs", async () => {
    const metadata = await (await fetch(`${idp.issuer}/.well-known/openid-configuration`)).json();
    expect(metadata.grant_types_supported).toContain(tokenExchange);
    expect(metadata.identity_chaining_requested_token_types_supported).toEqual([type("id-jag")]);
  });

  it.each(["id_token", "refresh_token"] as const)("exchanges an %s for an ID-JAG", async (kind) => {
    const signedIn = await signIn("ada");
    const answer = await idJag({ token: signedIn[kind], type: kind });
    expect(answer).toMatchObject({
      ...{ status: 200, issued_token_type: type("id-jag"), token_type: "N_A", expires_in: 300 },
      scope: "files:read",
    });
    const assertion = answer.access_token ?? "";
    expect(decodeProtectedHeader(assertion).typ).toBe("oauth-id-jag+jwt");
    expect(decodeJwt(assertion)).toMatchObject({
      ...{ iss: idp.issuer, sub: "ada", aud: provider.issuer, client_id: "usher-practice" },
      ...{ resource: files.url, scope: "files:read", email: "ada@practice.example" },
      ...{ jti: expect.any(String), exp: expect.any(Number), iat: expect.any(Number) },
    });
  });

  it("refuses anyone who is not assigned, until an admin assigns them", async () => {
    const { id_token } = await signIn("grace");
    expect(await idJag({ token: id_token })).toMatchObject({ status: 400, error: "access_denied" });
    idp.assign("grace", provider.issuer);
    expect(await idJag({ token: id_token })).toMatchObject({ status: 200 });
    idp.unassign("grace", provider.issuer);
    expect(await idJag({ token: id_token })).toMatchObject({ error: "access_denied" });
  });

  it("grants at most the scopes that an admin allowed", async () => {
    const { id_token } = await signIn("ada");
    const wide = await idJag({ token: id_token }, { scope: "files:read admin" });
    expect(wide).toMatchObject({ status: 200, scope: "files:read" });
    const none = await idJag({ token: id_token }, { scope: "admin" });
    expect(none).toMatchObject({ error: "invalid_scope" });
  });

  it.each([
    ["an authorization server it does not know", { audience: "https://as.example" }],
    ["a resource of another authorization server", { resource: "https://mcp.example" }],
  ])("issues no ID-JAG for %s", async (_what, form) => {
    const { id_token } = await signIn("ada");
    expect(await idJag({ token: id_token }, form)).toMatchObject({ error: "invalid_target" });
  });

  it("accepts no forged or expired ID token, and no ID-JAG in its place", async () => {
    const { id_token } = await signIn("ada");
    const { privateKey } = await generateKeyPair("ES256");
    const forged = await new SignJWT(decodeJwt(id_token))
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    const { access_token } = await idJag({ token: id_token });
    idp.setLifetimes({ idToken: 1 });
    const short = await signIn("ada");
    idp.setLifetimes({ idToken: 3_600 });
    await expect
      .poll(() => idJag({ token: short.id_token }))
      .toMatchObject({ error: "invalid_grant" });
    for (const token of [forged, access_token ?? ""]) {
      expect(await idJag({ token })).toMatchObject({ status: 400, error: "invalid_grant" });
    }
  });

  it("accepts no refresh token that was rotated away or whose session an admin ended", async () => {
    const first = await signIn("ada");
    const form = { grant_type: "refresh_token", refresh_token: first.refresh_token };
    const second = await post(idp.tokenEndpoint, form, idp);
    const rotated = await idJag({ token: first.refresh_token, type: "refresh_token" });
    expect(rotated).toMatchObject({ error: "invalid_grant" });
    const token = second.refresh_token ?? "";
    expect(await idJag({ token, type: "refresh_token" })).toMatchObject({ status: 200 });
    await idp.endSessionsOf("ada");
    expect(await idJag({ token, type: "refresh_token" })).toMatchObject({ error: "invalid_grant" });
  });

  it("refuses everything a person signed in with once they were removed", async () => {
    idp.addPerson({ accountId: "edith", name: "Edith Clarke", email: "edith@practice.example" });
    idp.assign("edith", provider.issuer);
    const { id_token, refresh_token } = await signIn("edith" as "ada");
    expect(await idJag({ token: id_token })).toMatchObject({ status: 200 });
    idp.removePerson("edith");
    expect(await idJag({ token: id_token })).toMatchObject({ error: "invalid_grant" });
    const refreshed = await post(
      idp.tokenEndpoint,
      { grant_type: "refresh_token", refresh_token },
      idp,
    );
    expect(refreshed).toMatchObject({ error: "invalid_grant" });
  });

  it("requires the client's secret for an exchange", async () => {
    const { id_token } = await signIn("ada");
    const form = { grant_type: tokenExchange, subject_token: id_token };
    const stranger = { clientId: "usher", clientSecret: "wrong" };
    const answer = await post(idp.tokenEndpoint, form, stranger);
    expect(answer).toMatchObject({ status: 401, error: "invalid_client" });
  });

  it("exchanges a sign-in for an access token that a server accepts directly", async () => {
    const { id_token, access_token } = await signIn("ada");
    const form = { requested_token_type: type("access_token"), audience: direct.url };
    const subject = { subject_token: id_token, subject_token_type: type("id_token") };
    const refused = await exchange({ ...form, ...subject });
    expect(refused).toMatchObject({ error: "access_denied" });
    idp.assign("ada", direct.url);
    const answer = await exchange({ ...form, ...subject });
    expect(answer).toMatchObject({ status: 200, issued_token_type: type("access_token") });
    expect(await callAs(direct, answer.access_token)).toContain("Ada Lovelace");

    const byAccessToken = { subject_token: access_token, subject_token_type: type("access_token") };
    expect(await exchange({ ...form, ...byAccessToken })).toMatchObject({ status: 200 });
    const onward = { ...byAccessToken, subject_token: answer.access_token ?? "" };
    expect(await exchange({ ...form, ...onward })).toMatchObject({ error: "invalid_grant" });
  });

  it("issues a token on behalf of the person whose access token is the assertion", async () => {
    const { access_token } = await signIn("grace");
    idp.assign("grace", direct.url);
    const form = { grant_type: jwtBearer, requested_token_use: "on_behalf_of" };
    const asked = { ...form, assertion: access_token, scope: `${direct.url}/.default` };
    const answer = await post(idp.tokenEndpoint, asked, idp);
    expect(answer).toMatchObject({ status: 200, scope: "files:read files:write" });
    expect(await callAs(direct, answer.access_token)).toContain("Grace Hopper");
    const elsewhere = await post(
      idp.tokenEndpoint,
      { ...asked, scope: "https://mcp.example/x" },
      idp,
    );
    expect(elsewhere).toMatchObject({ error: "invalid_target" });
  });

  it("counts requests by grant, fails exchanges alone, and logs no token", async () => {
    const { id_token, refresh_token } = await signIn("ada");
    idp.failNextExchanges(1, { kind: "status", status: 503 });
    const response = await fetch(idp.tokenEndpoint, {
      method: "POST",
      body: new URLSearchParams({ grant_type: tokenExchange, subject_token: id_token }),
    });
    expect(response.status).toBe(503);
    const form = { grant_type: "refresh_token", refresh_token };
    expect(await post(idp.tokenEndpoint, form, idp)).toMatchObject({ status: 200 });
    expect(idp.tokenRequests).toEqual({
      ...{ authorization_code: 1, refresh_token: 1, [tokenExchange]: 1 },
    });
    expect(JSON.stringify(idp.requests)).not.toContain(id_token);
    expect(JSON.stringify(idp.requests)).not.toContain(refresh_token);
  });
});

describe("the practice provider, for ID-JAGs", () => {
  const granted = async () => {
    const { id_token } = await signIn("ada");
    const { access_token: assertion } = await idJag({ token: id_token });
    return assertion ?? "";
  };

  it("says that it accepts them, unless it trusts no identity provider", async () => {
    const other = await startAuthorizationServer({ redirectUris: [redirectUri] });
    const [with_, without] = await Promise.all(
      [provider, other].map(async ({ issuer }) =>
        (await fetch(`${issuer}/.well-known/openid-configuration`)).json(),
      ),
    );
    await other.close();
    const profile = "urn:ietf:params:oauth:grant-profile:id-jag";
    expect(with_.authorization_grant_profiles_supported).toEqual([profile]);
    expect(with_.grant_types_supported).toContain(jwtBearer);
    expect(without.authorization_grant_profiles_supported).toBeUndefined();
    expect(without.grant_types_supported).not.toContain(jwtBearer);
  });

  it("issues a token for the named server, as the person, and no refresh token", async () => {
    const answer = await redeem(await granted());
    expect(answer).toMatchObject({ status: 200, token_type: "Bearer", scope: "files:read" });
    expect(answer.refresh_token).toBeUndefined();
    expect(await callAs(files, answer.access_token)).toContain("Ada Lovelace");
  });

  it("accepts an ID-JAG once, even with two concurrent requests", async () => {
    const assertion = await granted();
    const answers = await Promise.all([redeem(assertion), redeem(assertion)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    expect(await redeem(assertion)).toMatchObject({ error: "invalid_grant" });
  });

  it("grants the scopes that are both asserted and requested", async () => {
    const { id_token } = await signIn("ada");
    const both = await idJag({ token: id_token }, { scope: "files:read files:write" });
    const answer = await redeem(both.access_token, { scope: "files:write other" });
    expect(answer).toMatchObject({ status: 200, scope: "files:write" });
    const wider = await redeem(await granted(), { scope: "files:write" });
    expect(wider).toMatchObject({ error: "invalid_scope" });
  });

  it("refuses a client other than the one the ID-JAG names", async () => {
    const { clientSecret, serviceClientId, postClientId } = provider;
    const post_ = await fetch(provider.tokenEndpoint, {
      method: "POST",
      body: new URLSearchParams({
        ...{ grant_type: jwtBearer, assertion: await granted() },
        ...{ client_id: postClientId, client_secret: clientSecret },
      }),
    });
    expect(await post_.json()).toMatchObject({ error: "invalid_grant" });
    const service = await redeem(await granted(), {}, { clientId: serviceClientId, clientSecret });
    expect(service.status).toBe(400);
  });

  it("refuses a request for a resource other than the one the ID-JAG is for", async () => {
    const answer = await redeem(await granted(), { resource: direct.url });
    expect(answer).toMatchObject({ error: "invalid_target" });
  });
});

describe("the practice provider, with an identity provider that signs anything", () => {
  let signer: LocalHttpServer;
  let trusting: AuthorizationServer;
  let sign: (claims: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>;

  beforeAll(async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", use: "sig" }] };
    signer = await startHttpServer((_request, response) => sendJson(response, 200, jwks));
    const identityProvider = { issuer: signer.origin, jwksUri: `${signer.origin}/jwks` };
    trusting = await startAuthorizationServer({ redirectUris: [redirectUri], identityProvider });
    trusting.registerResource("https://mcp.example", "A server");
    sign = (claims, header = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({
        ...{ iss: signer.origin, sub: "u-1", email: "Ada@practice.example" },
        ...{ aud: trusting.issuer, client_id: "usher-practice", jti: crypto.randomUUID() },
        ...{ iat: now, exp: now + 60, resource: "https://mcp.example", scope: "files:read" },
        ...claims,
      })
        .setProtectedHeader({ alg: "ES256", typ: "oauth-id-jag+jwt", ...header })
        .sign(privateKey);
    };
  });
  afterAll(async () => {
    await trusting.close();
    await signer.close();
  });

  const present = async (assertion: string) =>
    post(trusting.tokenEndpoint, { grant_type: jwtBearer, assertion }, trusting);
  const now = () => Math.floor(Date.now() / 1_000);

  it("finds the person by address if the subject is unknown", async () => {
    expect(await present(await sign({}))).toMatchObject({ status: 200 });
  });

  it.each<[string, () => Record<string, unknown>, Record<string, unknown>?]>([
    ["is of another type", () => ({}), { typ: "JWT" }],
    ["is from another issuer", () => ({ iss: "https://idp.example" })],
    ["is for another authorization server", () => ({ aud: "https://as.example" })],
    ["is for two of them", () => ({ aud: [trusting.issuer, "https://as.example"] })],
    ["names another client", () => ({ client_id: "usher-practice-post" })],
    ["has expired", () => ({ exp: now() - 1, iat: now() - 60 })],
    ["never expires", () => ({ exp: undefined })],
    ["is from the future", () => ({ iat: now() + 600, exp: now() + 900 })],
    ["is a day old", () => ({ iat: now() - 86_400 })],
    ["has no jti", () => ({ jti: undefined })],
    ["is for an unknown resource", () => ({ resource: "https://other.example" })],
    ["has an unknown scope", () => ({ scope: "files:read admin" })],
    ["is about somebody unknown", () => ({ email: "nobody@practice.example" })],
  ])("refuses an assertion that %s", async (_what, claims, header) => {
    const answer = await present(await sign(claims(), header));
    expect(answer).toMatchObject({ status: 400, error: "invalid_grant" });
  });

  it("refuses an assertion with a foreign signature, and one without a signature", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const good = await sign({});
    const forged = await new SignJWT(decodeJwt(good))
      .setProtectedHeader({ alg: "ES256", typ: "oauth-id-jag+jwt" })
      .sign(privateKey);
    const header = btoa('{"alg":"none","typ":"oauth-id-jag+jwt"}').replaceAll("=", "");
    const unsigned = `${header}.${good.split(".")[1]}.`;
    for (const assertion of [forged, unsigned, "", "a.b.c"]) {
      expect((await present(assertion)).status).toBe(400);
    }
  });
});
