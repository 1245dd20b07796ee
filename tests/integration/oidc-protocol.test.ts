import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { GET as callbackRoute } from "@/app/api/auth/callback/oidc/route";
import {
  type IdentityProvider,
  type IdentityProviderOptions,
  startIdentityProvider,
} from "@/tests/support/identity-provider";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { sendJson, startHttpServer } from "@/tests/support/local-http-server";
import { changeNextAnswer, comeBack, signInByOidc, startOidc } from "@/tests/support/oidc-browser";
import { Visitor } from "@/tests/support/visitor";

const redirectUri = `${publicUrl}/api/auth/callback/oidc`;
const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

async function setUp(
  options: Partial<IdentityProviderOptions> = {},
  env: Record<string, string> = {},
) {
  const provider = await startIdentityProvider({ redirectUri, ...options });
  const usher = await startInstallation({ env: { ...provider.env, ...env } });
  closing.push(usher, provider);
  const admin = await usher.join("ADMIN");
  provider.people.set("olga-1", {
    email: "olga@example.com",
    email_verified: true,
    name: "Olga Example",
  });
  return { provider, usher, stranger: new Visitor(admin.user, {}) };
}

const isIn = async (visitor: Visitor) =>
  (await visitor.visit(assistantsRoute, { path: "/api/assistants" })).status === 200;

const configurations: [string, Partial<IdentityProviderOptions>][] = [
  ...["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519", "HS256"].map(
    (signingAlgorithm): [string, Partial<IdentityProviderOptions>] => [
      `ID tokens by ${signingAlgorithm}`,
      { signingAlgorithm },
    ],
  ),
  ["claims from userinfo alone", { claimsFromUserinfo: true, signingAlgorithm: "ES256" }],
  ["its client's secret in the body", { clientAuthentication: "client_secret_post" }],
];

describe("a provider with", () => {
  it.each(configurations)("%s signs a person in", async (_, options) => {
    const { provider, usher, stranger } = await setUp(options);
    expect(await signInByOidc(stranger, provider, "olga-1")).toBe("/chat");
    expect(await isIn(stranger)).toBe(true);
    const user = { email: "olga@example.com", name: "Olga Example", role: "MEMBER" };
    expect(await usher.app.db.oidcIdentity.findFirst({ include: { user: true } })).toMatchObject({
      issuer: provider.issuer,
      subject: "olga-1",
      user,
    });
  });

  // streamlit/streamlit#15589
  it("a browser that fetches the callback in advance signs a person in once they open it", async () => {
    const { provider, stranger } = await setUp();
    const callback = await provider.signIn(await startOidc(stranger), "olga-1");
    const path = callback.pathname + callback.search;
    const headers = { "sec-purpose": "prefetch" };
    expect((await stranger.visit(callbackRoute, { path, headers })).status).toBe(503);
    expect(await comeBack(stranger, callback)).toBe("/chat");
  });

  // open-metadata/OpenMetadata#30642: optional members that are null, here in a token response
  it("null for what it does not have signs a person in, but not without an ID token", async () => {
    const { provider, stranger } = await setUp();
    const nulls = { refresh_token: null, scope: null, expires_in: null };
    changeNextAnswer(provider, "/token", (body) => ({ ...body, ...nulls }));
    expect(await signInByOidc(stranger, provider, "olga-1")).toBe("/chat");
    changeNextAnswer(provider, "/token", (body) => ({ ...body, id_token: null }));
    const another = new Visitor(stranger.user, {});
    expect(await signInByOidc(another, provider, "olga-1")).toContain("error=OidcRefused");
  });

  it("an issuer with a trailing slash is the same as in OIDC_ISSUER without it, or with one too many", async () => {
    const { provider, stranger } = await setUp();
    const other = await startInstallation({
      env: { ...provider.env, OIDC_ISSUER: `${provider.issuer}/` },
    });
    closing.push(other);
    await other.join("ADMIN");
    expect(await signInByOidc(stranger, provider, "olga-1")).toBe("/chat");
  });
});

type Json = Record<string, unknown>;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const readPart = (text = "") => JSON.parse(Buffer.from(text, "base64url").toString()) as Json;

function rewritten(token: unknown, header: object, claims: object): string {
  const [head, body, signature] = String(token).split(".");
  const joined = [part({ ...readPart(head), ...header }), part({ ...readPart(body), ...claims })];
  return [...joined, signature].join(".");
}

describe("refused is", () => {
  const attacks: [string, string, (body: Json) => unknown][] = [
    [
      "userinfo about somebody else",
      "/me",
      (body) => ({ ...body, sub: "somebody-else", email: "ann@example.com" }),
    ],
    [
      "an ID token whose claims were changed",
      "/token",
      (body) => ({ ...body, id_token: rewritten(body.id_token, {}, { sub: "victim" }) }),
    ],
    [
      "an ID token without a signature",
      "/token",
      (body) => ({
        ...body,
        id_token: `${rewritten(body.id_token, { alg: "none" }, {}).split(".").slice(0, 2).join(".")}.`,
      }),
    ],
    [
      "an ID token of another issuer",
      "/token",
      (body) => ({
        ...body,
        id_token: rewritten(body.id_token, {}, { iss: "https://evil.example" }),
      }),
    ],
    [
      "an ID token for another client",
      "/token",
      (body) => ({ ...body, id_token: rewritten(body.id_token, {}, { aud: "another" }) }),
    ],
    ["an answer without an ID token", "/token", ({ id_token: _, ...body }) => body],
    [
      "metadata of another issuer",
      "/.well-known/openid-configuration",
      (body) => ({ ...body, issuer: "https://evil.example" }),
    ],
  ];

  it.each(attacks)("%s", async (_, path, change) => {
    const { provider, usher, stranger } = await setUp({ claimsFromUserinfo: true });
    const people = await usher.app.db.user.count();
    changeNextAnswer(provider, path, change);
    const start = await startOidc(stranger);
    const end = start.startsWith("/sign-in")
      ? start
      : await comeBack(stranger, await provider.signIn(start, "olga-1"));
    expect(end).toBe("/sign-in?error=OidcRefused&callbackUrl=%2Fchat");
    expect(await isIn(stranger)).toBe(false);
    expect(await usher.app.db.user.count()).toBe(people);
    expect(await usher.app.db.oidcIdentity.count()).toBe(0);
  });

  it("an ID token with the nonce of another flow, a state from another browser, and a code used twice", async () => {
    const { provider, stranger } = await setUp();
    const [first, second] = [await startOidc(stranger), await startOidc(stranger)];
    const nonceOf = (url: string) => new URL(url).searchParams.get("nonce") ?? "";
    const swapped = new URL(first);
    swapped.searchParams.set("nonce", nonceOf(second));
    const end = await comeBack(stranger, await provider.signIn(swapped.href, "olga-1"));
    expect(end).toContain("error=OidcRefused");

    const attacker = new Visitor(stranger.user, {});
    const stolen = await provider.signIn(await startOidc(attacker), "olga-1");
    expect(await comeBack(stranger, stolen)).toBe("/sign-in?error=OidcExpired");
    expect(await isIn(stranger)).toBe(false);
    const kept = attacker.sameBrowser();
    expect(await comeBack(attacker, stolen)).toBe("/chat");
    expect(await comeBack(attacker, stolen)).toBe("/sign-in?error=OidcExpired");
    expect(await comeBack(kept, stolen)).toContain("error=OidcRefused");
  });
});

describe("a sign-in ends", () => {
  it.each([
    ["/oauth/authorize/1?tab=1", "/oauth/authorize/1?tab=1"],
    ["/chat#last", "/chat#last"],
    ["https://evil.example/", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    [`/${"long".repeat(500)}`, "/"],
  ])("for %s at %s", async (asked, end) => {
    const { provider, stranger } = await setUp();
    const start = await startOidc(stranger, asked);
    expect(await comeBack(stranger, await provider.signIn(start, "olga-1"))).toBe(end);
  });
});

describe("a failed sign-in names its cause:", () => {
  let provider: IdentityProvider;
  let usher: Installation;
  let stranger: Visitor;
  beforeAll(async () => {
    const set = await setUp({ claimsFromUserinfo: true });
    closing.length = 0;
    ({ provider, usher, stranger } = set);
  });
  afterAll(async () => {
    await usher.close();
    await provider.close();
  });

  it("cancelled at the provider", async () => {
    const callback = await provider.cancel(await startOidc(stranger, "/connections?x=1"));
    expect(await comeBack(stranger, callback)).toBe(
      "/sign-in?error=OidcCancelled&callbackUrl=%2Fconnections%3Fx%3D1",
    );
  });

  it.each(["invalid_scope", "unauthorized_client"])("refused there by %s", async (code) => {
    const state = new URL(await startOidc(stranger)).searchParams.get("state") ?? "";
    const iss = provider.issuer;
    const callback = new URL(`${redirectUri}?${new URLSearchParams({ error: code, state, iss })}`);
    expect(await comeBack(stranger, callback)).toContain("error=OidcRefused");
  });

  it.each(["server_error", "temporarily_unavailable"])(
    "unavailable, as reported by %s",
    async (code) => {
      const state = new URL(await startOidc(stranger)).searchParams.get("state") ?? "";
      const iss = provider.issuer;
      const callback = new URL(
        `${redirectUri}?${new URLSearchParams({ error: code, state, iss })}`,
      );
      expect(await comeBack(stranger, callback)).toContain("error=OidcUnreachable");
    },
  );

  const down: [string, (response: ServerResponse) => void][] = [
    ["no answer", (response) => response.destroy()],
    ["503", (response) => sendJson(response, 503, { error: "server_error" })],
    ["a web page with 502", (response) => response.writeHead(502).end("<h1>Bad gateway</h1>")],
    ["a web page with 200", (response) => response.writeHead(200).end("<h1>Maintenance</h1>")],
    ["truncated JSON", (response) => response.writeHead(200, json).end('{"access')],
    ["too large", (response) => response.writeHead(200, json).end(" ".repeat(2 * 1024 * 1024))],
  ];
  const json = { "content-type": "application/json" };

  describe.each(["/token", "/jwks", "/me"])("%s gives", (path) => {
    it.each(down)("%s", async (_, fault) => {
      // Its keys are cached as long as its metadata.
      const fresh = await startInstallation({ env: provider.env });
      await fresh.join("ADMIN");
      const callback = await provider.signIn(await startOidc(stranger), "olga-1");
      provider.intercept(path, (_request, response) => fault(response));
      expect(await comeBack(stranger, callback)).toContain("error=OidcUnreachable");
      provider.intercept(path, null);
      await fresh.close();
    });
  });

  it("a provider that cannot be reached at all", async () => {
    const gone = await startHttpServer(() => {});
    await gone.close();
    const fresh = await startInstallation({
      env: { ...provider.env, OIDC_ISSUER: gone.origin },
    });
    expect(await startOidc(stranger)).toBe("/sign-in?error=OidcUnreachable&callbackUrl=%2Fchat");
    await fresh.close();
  });
});
