import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { PUT as changeRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { flowLifetimeMs } from "@/lib/authorization/begin";
import type { RevokeResult } from "@/lib/contracts/connections/connection";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize, clickAuthorize, openCallback } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { nowhere, oauthServerInput } from "@/tests/support/server-input";
import { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  serverId = await createServer(usher.app, oauthServerInput(provider));
  provider.forgetRequests();
});
afterEach(async () => {
  provider.stopFailing();
  await usher.close();
});

async function statusFor(visitor: Visitor) {
  const response = await visitor.visit(connectionRoute, {
    path: `/api/connections/${serverId}`,
    params: { serverId },
  });
  return (await response.json()).connection;
}

const storedTokens = () => usher.app.db.storedTokenSet.count();
const reasonIn = (location: string) => new URL(location).searchParams.get("authorization_error");

describe("a shared server", () => {
  it("is Connected with an expiry after one consent, and returns to where the flow began", async () => {
    const url = await clickAuthorize(admin, serverId, `?returnTo=/mcp-servers/${serverId}`);
    const callbackUrl = await consent({ authorizationUrl: url, person: "ada" });
    const response = await openCallback(admin, callbackUrl);

    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(
      `http://localhost:3000/mcp-servers/${serverId}?authorized=1`,
    );
    const connection = await statusFor(admin);
    expect(connection).toMatchObject({
      standing: { status: "connected", renewal: "automatic" },
      scope: "files:read files:write",
      authorizedBy: "Ann Admin",
    });
    expect(Date.parse(connection.standing.expiresAt)).toBeGreaterThan(clock.now().getTime());
  });

  it("asks for PKCE by S256, the resource and the scopes, and hides the verifier", async () => {
    const { searchParams } = new URL(await clickAuthorize(admin, serverId));
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: "code",
      client_id: provider.clientId,
      redirect_uri: "http://localhost:3000/oauth/callback",
      scope: "files:read files:write",
      code_challenge_method: "S256",
      resource: "http://127.0.0.1:9/mcp",
    });
    expect(searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(searchParams.get("state")).toMatch(/^[\w-]{43}$/);
    expect(searchParams.has("code_verifier")).toBe(false);
  });

  it("can be authorized by admins only", async () => {
    const member = await usher.join("MEMBER");
    const location = await clickAuthorize(member, serverId, "?returnTo=/connections");
    expect(location).toBe("http://localhost:3000/connections?authorization_error=forbidden");
    expect(await usher.app.db.authorizationRequest.count()).toBe(0);
  });

  it("recognizes a denied consent, and stores nothing", async () => {
    expect(reasonIn(await authorize(admin, serverId, "ada", "deny"))).toBe("denied");
    expect(await storedTokens()).toBe(0);
  });
});

describe("the callback", () => {
  it("refuses an expired state, and sends the provider nothing", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    clock.advance(flowLifetimeMs + 1);
    const response = await openCallback(admin, callbackUrl);
    expect(reasonIn(response.headers.get("location") ?? "")).toBe("expired");
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
    expect(await storedTokens()).toBe(0);
  });

  it("refuses another person's flow, and leaves it to the person who started it", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    const other = await usher.join("ADMIN", "Otto Other");
    for (const [name, value] of admin.cookies) {
      if (name.startsWith("usher_flow_")) other.cookies.set(name, value);
    }
    const refused = await openCallback(other, callbackUrl);
    expect(refused.headers.get("location")).toBe(
      "http://localhost:3000/oauth/refused?reason=wrong_user",
    );
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
    expect(await storedTokens()).toBe(0);

    const accepted = await openCallback(admin, callbackUrl);
    expect(accepted.headers.get("location")).toContain("authorized=1");
  });

  it("refuses the same person in another browser", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    const response = await openCallback(admin.elsewhere(), callbackUrl);
    expect(response.headers.get("location")).toBe(
      "http://localhost:3000/oauth/refused?reason=wrong_browser",
    );
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
    expect(await storedTokens()).toBe(0);
  });

  it("sends people who are not signed in to the sign-in page", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    admin.cookies.delete("next-auth.session-token");
    const response = await openCallback(admin, callbackUrl);
    expect(response.headers.get("location")).toMatch(/^http:\/\/localhost:3000\/sign-in\?/);
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
    expect(await storedTokens()).toBe(0);
  });

  it("uses a code once, however many callbacks arrive at the same time, and all lead back alike", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => openCallback(admin.sameBrowser(), callbackUrl)),
    );
    for (const response of responses) {
      expect(response.headers.get("location")).toContain("authorized=1");
    }
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(1);
  });

  it("refuses an answer that another issuer sent, before the code is used", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    callbackUrl.searchParams.set("iss", "https://attacker.example");
    const response = await openCallback(admin, callbackUrl);
    expect(reasonIn(response.headers.get("location") ?? "")).toBe("issuer_mismatch");
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
  });

  it.each(["html", "hang-up"])("reports that the token endpoint answered with %s", async (kind) => {
    provider.failNextTokenRequests(1, kind === "html" ? { kind: "html" } : { kind: "reset" });
    expect(reasonIn(await authorize(admin, serverId))).toBe("provider_error");
    expect(await storedTokens()).toBe(0);
    const { standing, failedAuthorization } = await statusFor(admin);
    expect(standing.status).toBe("not_connected");
    expect(failedAuthorization.reason).toMatch(
      kind === "html" ? /web page|HTML/i : /connect|answer|broke/i,
    );
    clock.advance(1000);
    await authorize(admin, serverId);
    expect(await statusFor(admin)).toMatchObject({
      standing: { status: "connected" },
      failedAuthorization: null,
    });
  });

  it("stores nothing if the access was revoked while the provider answered", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    const grants = provider.countGrantsOf("ada");
    provider.setTokenEndpointLatency(300);
    const answering = openCallback(admin, callbackUrl);
    await expect.poll(() => provider.tokenRequests.authorization_code ?? 0).toBe(1);
    await revoke(admin, "server");
    provider.setTokenEndpointLatency(0);
    expect(reasonIn((await answering).headers.get("location") ?? "")).toBe("cancelled");
    expect(await storedTokens()).toBe(0);
    expect(provider.countGrantsOf("ada")).toBe(grants - 1);
  });
});

describe("a link to an authorization", () => {
  const click = "AAAAAAAAAAAAAAAAAAAAAA";
  const follow = (visitor: Visitor, site: string, query = "") =>
    visitor.visit(authorizeRoute, {
      path: `/oauth/authorize/${serverId}?returnTo=/connections${query}`,
      params: { serverId },
      headers: { "sec-fetch-site": site },
    });
  const begun = () => usher.app.db.authorizationRequest.count();

  it.each(["cross-site", "same-site", "none", ""])(
    "starts no flow where the browser says %j of it: the person is asked on a page of Usher",
    async (site) => {
      const response = await follow(admin, site);
      expect(response.headers.get("location")).toBe(
        `http://localhost:3000/oauth/confirm?returnTo=%2Fconnections&server=${serverId}`,
      );
      expect(await begun()).toBe(0);
    },
  );

  it.each([
    ["a click that no page of ours made", `&click=${click}`, {}],
    ["another click than the cookie's", "&click=BAAAAAAAAAAAAAAAAAAAAA", { click }],
    ["a click that is no text of ours", "&click=__proto__", { click: "__proto__" }],
    ["a cookie without a click", "", { click }],
  ])("starts no flow from a foreign page with %s", async (_, query, cookies) => {
    for (const value of Object.values(cookies)) admin.cookies.set(`usher-click-${value}`, "1");
    const response = await follow(admin, "cross-site", query);
    expect(response.headers.get("location")).toContain("/oauth/confirm?");
    expect(await begun()).toBe(0);
  });

  it("starts the flow once if it was clicked on a page of Usher, whatever the browser says", async () => {
    admin.cookies.set(`usher-click-${click}`, "1");
    const first = await follow(admin, "cross-site", `&click=${click}`);
    expect(first.headers.get("location")).toContain(provider.authorizationEndpoint);
    const again = await follow(admin, "cross-site", `&click=${click}`);
    expect(again.headers.get("location")).toContain("/oauth/confirm?");
    expect(again.headers.get("location")).not.toContain("click");
    expect(await begun()).toBe(1);
  });

  it("asks for confirmation after a sign-in: the click may have been another person's", async () => {
    const nobody = new Visitor(admin.user, {});
    const response = await follow(nobody, "same-origin", `&click=${click}`);
    const callbackUrl = new URL(response.headers.get("location") ?? "").searchParams.get(
      "callbackUrl",
    );
    expect(callbackUrl).toBe(`/oauth/authorize/${serverId}?returnTo=%2Fconnections`);
  });

  it("tells a member, and only a member, that the account is the team's", async () => {
    const member = await usher.join("MEMBER");
    const response = await follow(member, "same-origin");
    expect(response.headers.get("location")).toContain("authorization_error=forbidden");
  });
});

async function revoke(visitor: Visitor, what: "server" | "mine"): Promise<Response> {
  return visitor.visit(revokeRoute, {
    path: `/oauth/revoke/${serverId}`,
    params: { serverId },
    json: { what },
  });
}

describe("revoking", () => {
  it("ends the grant at the provider and every token stored here", async () => {
    await authorize(admin, serverId);
    const grants = provider.countGrantsOf("ada");
    const response = await revoke(admin, "server");
    expect(await response.json()).toMatchObject({ deleted: 1, provider: "revoked" });
    expect(provider.countGrantsOf("ada")).toBe(grants - 1);
    expect(await storedTokens()).toBe(0);
    expect(await statusFor(admin)).toMatchObject({ standing: { status: "not_connected" } });
    await expect(accessToken(usher.app, { serverId, ownerKey: "shared" })).rejects.toMatchObject({
      code: "authorization_required",
    });
  });

  it("says until when a token works that servers check without asking the provider", async () => {
    const jwts = await startProvider({ accessTokenFormat: "jwt", accessTokenLifetime: 1800 });
    try {
      const jwtServer = await createServer(
        usher.app,
        oauthServerInput(jwts, { name: "With JWTs", oauth: { resource: nowhere } }),
      );
      await authorize(admin, jwtServer);
      const { expiresAt } = await usher.app.db.storedTokenSet.findFirstOrThrow({
        where: { serverId: jwtServer },
      });
      const params = { serverId: jwtServer };
      const path = `/oauth/revoke/${jwtServer}`;
      const answer = await admin.visit(revokeRoute, { path, params, json: { what: "server" } });
      const result = (await answer.json()) as RevokeResult;
      expect(result.provider).toBe("revoked_but_token_lasts");
      const until = new Date(result.accessUntil ?? 0).getTime();
      expect(Math.abs(until - (expiresAt?.getTime() ?? 0))).toBeLessThan(5000);
      expect(revokeMessage(result, () => "15:40")).toContain("until 15:40 at the latest");
      expect(jwts.countGrantsOf("ada")).toBe(0);
    } finally {
      await jwts.close();
    }
  });

  it("deletes here although the provider cannot be told, and says so", async () => {
    await authorize(admin, serverId);
    provider.failNextRevocationRequests(Number.POSITIVE_INFINITY, { kind: "status", status: 503 });
    const response = await revoke(admin, "server");
    expect(await response.json()).toMatchObject({ deleted: 1, provider: "retrying" });
    expect(await storedTokens()).toBe(0);
  });

  it("drops pending flows", async () => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    await revoke(admin, "server");
    const response = await openCallback(admin, callbackUrl);
    expect(response.headers.get("location")).toContain("unknown_state");
    expect(await storedTokens()).toBe(0);
  });

  it("lets a member end their own account and no one else's", async () => {
    serverId = await createServer(
      usher.app,
      oauthServerInput(provider, { name: "Own", oauth: { tokenSharing: "PER_USER" } }),
    );
    const [mia, max] = [await usher.join("MEMBER"), await usher.join("MEMBER", "Max Member")];
    await authorize(mia, serverId, "ada");
    await authorize(max, serverId, "grace");
    expect((await revoke(mia, "server")).status).toBe(403);
    expect(await storedTokens()).toBe(2);
    expect((await revoke(mia, "mine")).status).toBe(200);
    expect(await statusFor(mia)).toMatchObject({ standing: { status: "not_connected" } });
    expect(await statusFor(max)).toMatchObject({ standing: { status: "connected" } });
  });
});

describe("a per-user server", () => {
  it("keeps each person's tokens apart", async () => {
    serverId = await createServer(
      usher.app,
      oauthServerInput(provider, { name: "Own", oauth: { tokenSharing: "PER_USER" } }),
    );
    const [mia, max] = [await usher.join("MEMBER"), await usher.join("MEMBER", "Max Member")];
    await authorize(mia, serverId, "ada");
    const token = await accessToken(usher.app, { serverId, ownerKey: mia.user.id });
    expect(token).not.toBe("");
    await expect(accessToken(usher.app, { serverId, ownerKey: max.user.id })).rejects.toMatchObject(
      { code: "authorization_required" },
    );
    expect(await statusFor(max)).toMatchObject({ standing: { status: "not_connected" } });
  });
});

describe("changing where secrets go", () => {
  const change = async (oauth: object, url?: string) => {
    const input = oauthServerInput(provider, {
      ...(url ? { url } : {}),
      oauth: { clientSecret: "", ...oauth },
    });
    return admin.visit(changeRoute, {
      path: `/api/mcp-servers/${serverId}`,
      params: { serverId },
      method: "PUT",
      json: input,
    });
  };

  it.each([
    ["Token URL", { tokenEndpoint: "https://elsewhere.example/token" }, undefined],
    ["client ID", { clientId: "another" }, undefined],
    ["server URL", {}, "https://elsewhere.example/mcp"],
  ])(
    "requires the client secret again with a new %s, and changes nothing",
    async (name, oauth, url) => {
      await authorize(admin, serverId);
      const response = await change(oauth, url);
      expect(response.status).toBe(400);
      const { error } = await response.json();
      expect(error.fields["oauth.clientSecret"]).toContain(`The ${name} changed`);
      expect(await storedTokens()).toBe(1);
      const stored = await usher.app.db.oAuthClient.findUnique({ where: { serverId } });
      expect(stored?.tokenEndpoint).toBe(provider.tokenEndpoint);
    },
  );

  it("drops the stored tokens when it is given", async () => {
    await authorize(admin, serverId);
    const response = await change({ clientId: "another", clientSecret: "a new secret" });
    expect(response.status).toBe(200);
    expect(await storedTokens()).toBe(0);
  });

  it("keeps secret and tokens when something else is changed", async () => {
    await authorize(admin, serverId);
    expect((await change({ scope: "files:read" })).status).toBe(200);
    expect(await storedTokens()).toBe(1);
  });
});
