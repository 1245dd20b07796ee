import { describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import { callTool } from "@/lib/calls/call-tool";
import {
  type OddAnswer,
  refusal,
  refuseRefreshes,
  usualClient,
  usualMetadata,
  usualTokens,
} from "@/tests/support/odd-provider";
import { OddProviderStage } from "@/tests/support/odd-provider-stage";
import { addByUrl, authorizeUnasked, discoverUrl } from "@/tests/support/paste-url";
import type { Visitor } from "@/tests/support/visitor";

// Providers and servers with the same problems as in the public reports, in other shapes.

const hour = 3_600_000;

const stage = new OddProviderStage();
const { clock } = stage;

const well = "/.well-known/oauth-authorization-server";
const row = (serverId: string) =>
  stage.usher.app.db.storedTokenSet.findFirstOrThrow({ where: { serverId } });
const call = (serverId: string) => {
  const signal = new AbortController().signal;
  const { user } = stage.admin;
  return callTool(stage.usher.app, { serverId, toolName: "ping", input: {}, user, signal });
};

describe("metadata are found and read", () => {
  it.each<[string, (origin: string) => object]>([
    ["with names that are null", () => ({ scopes_supported: null, revocation_endpoint: null })],
    [
      "with lists as text",
      () => ({ code_challenge_methods_supported: "S256", scopes_supported: "a b" }),
    ],
    [
      "with endpoints as paths",
      () => ({ token_endpoint: "/token", authorization_endpoint: "/authorize" }),
    ],
    ["with fields that nobody knows", () => ({ mtls_endpoint_aliases: {}, x: [{}], dpop: 1 })],
  ])("%s", async (_, more) => {
    const provider = await stage.odd((origin) => ({
      servers: { [well]: usualMetadata(origin, more(origin) as never) },
    }));
    await stage.connected(provider);
  });

  it.each<[string, (origin: string) => OddAnswer]>([
    ["a 401", () => ({ status: 401, body: { error: "unauthorized" } })],
    ["a page", () => ({ body: "<!doctype html><h1>App</h1>" })],
    [
      "a redirect elsewhere",
      () => ({ status: 302, headers: { location: "https://elsewhere.test/" } }),
    ],
    ["an empty object", () => ({ body: {} })],
  ])("in the OpenID document, where the other location returns %s", async (_, answer) => {
    const provider = await stage.odd((origin) => ({
      servers: { "/.well-known/openid-configuration": usualMetadata(origin) },
      first: ({ path }) => (path === well ? answer(origin) : null),
    }));
    await stage.connected(provider);
  });

  it.each([
    "/.well-known/oauth-authorization-server/tenant",
    "/.well-known/openid-configuration/tenant",
    "/tenant/.well-known/openid-configuration",
    "/tenant/.well-known/oauth-authorization-server",
  ])("of an issuer with a path, at %s", async (place) => {
    const provider = await stage.odd((origin) => ({
      resources: {
        "/.well-known/oauth-protected-resource/mcp": {
          resource: `${origin}/mcp`,
          authorization_servers: [`${origin}/tenant`],
        },
      },
      servers: { [place]: usualMetadata(origin, { issuer: `${origin}/tenant` }) },
    }));
    await stage.connected(provider);
  });

  it.each<[string, (origin: string) => object, (origin: string) => string]>([
    [
      "without a closing quote",
      (o) => ({ authorization_servers: [o] }),
      (o) => `Bearer resource_metadata="${o}/meta.json`,
    ],
    [
      "beside Basic, in capitals",
      (o) => ({ authorization_servers: [o] }),
      (o) => `Basic realm="x", BEARER Resource_Metadata=${o}/meta.json, error=invalid_token`,
    ],
    [
      "that name the server by an object",
      (o) => ({ authorization_servers: [{ issuer: o }] }),
      (o) => `Bearer resource_metadata="${o}/meta.json"`,
    ],
    [
      "that name the server as text",
      (o) => ({ authorization_servers: o, scopes_supported: "a b" }),
      (o) => `Bearer resource_metadata=“${o}/meta.json”`,
    ],
  ])("of a resource %s", async (_, more, challenge) => {
    const provider = await stage.odd((origin) => ({
      challenge: Buffer.from(challenge(origin)).toString("latin1"),
      resources: { "/meta.json": { resource: `${origin}/mcp`, ...more(origin) } },
    }));
    await stage.connected(provider);
    expect(provider.at("/meta.json").length).toBeGreaterThan(0);
  });

  it("in the second place where the first one is about something else", async () => {
    const provider = await stage.odd((origin, usual) => ({
      challenge: `Bearer resource_metadata="${origin}/meta.json"`,
      resources: { ...usual.resources, "/meta.json": { name: "no resource" } },
    }));
    await stage.connected(provider);
  });
});

describe("a registration", () => {
  it.each<[string, (sent: Record<string, unknown>, nth: number) => OddAnswer]>([
    ["with 200", (sent, nth) => ({ ...usualClient(sent, nth), status: 200 })],
    ["with a number as ID", (sent, nth) => usualClient(sent, nth, { client_id: 4711 + nth })],
    [
      "with a method and no secret",
      (sent, nth) => usualClient(sent, nth, { client_secret: undefined }),
    ],
    [
      "with a method in capitals",
      (sent, nth) => usualClient(sent, nth, { token_endpoint_auth_method: "CLIENT_SECRET_POST" }),
    ],
    ["with nothing but an ID", (_, nth) => ({ status: 201, body: { client_id: `only-${nth}` } })],
    [
      "with the callback as text",
      (sent, nth) => usualClient(sent, nth, { redirect_uris: (sent.redirect_uris as string[])[0] }),
    ],
    [
      "with null",
      (sent, nth) =>
        usualClient(sent, nth, {
          redirect_uris: null,
          scope: null,
          client_id_issued_at: null,
          client_secret_expires_at: null,
        }),
    ],
    [
      "with an odd secret",
      (sent, nth) => usualClient(sent, nth, { client_secret: "ä:€ %+/=&?#\"'" }),
    ],
  ])("is accepted %s", async (_, register) => {
    await stage.connected(await stage.odd(() => ({ register })));
  });

  it.each<[string, OddAnswer]>([
    ["a nested code", { status: 400, body: { error: { code: "INVALID_SCOPE", message: "Nope" } } }],
    ["a list", { status: 422, body: { errors: [{ detail: "scope: openid is not permitted" }] } }],
    ["a line of text", { status: 403, body: "Requested scopes are not allowed" }],
  ])("is retried without scope after a refusal by %s", async (_, refused) => {
    const provider = await stage.odd((_origin, usual) => ({
      resources: {
        "/.well-known/oauth-protected-resource/mcp": {
          ...usual.resources["/.well-known/oauth-protected-resource/mcp"],
          scopes_supported: ["openid", "tools"],
        },
      },
      register: (sent, nth) => ("scope" in sent ? refused : usualClient(sent, nth)),
    }));
    await stage.connected(provider);
    expect(provider.registrations()).toHaveLength(2);
  });

  it.each<[string, OddAnswer]>([
    [
      "a page in other words",
      {
        status: 400,
        body: "<html><h1>Sign in</h1><p>The client application you are using does not exist.</p></html>",
      },
    ],
    ["JSON at the authorization endpoint", refusal(400, "invalid_request", "Unknown client_id")],
    [
      "a redirect in words",
      {
        status: 302,
        headers: {
          location: "/error?error=invalid_request&error_description=Client+was+not+found",
        },
      },
    ],
    // supabase/mcp#355, anthropics/claude-code#84614
    ["JSON with 422", { status: 422, body: { message: "Unrecognized client_id" } }],
    // PrefectHQ/fastmcp#2027
    [
      "a sentence around the ID",
      refusal(400, "invalid_request", "Client ID 'c24c4da9-cc66-4c69-8f02-03c803ff1e4e' not found"),
    ],
  ])("is repeated for a forgotten client, as reported by %s", async (_, gone) => {
    let forgotten = "";
    const provider = await stage.odd(() => ({
      first: ({ path, query }) =>
        path === "/authorize" && query.get("client_id") === forgotten ? gone : null,
    }));
    const serverId = await stage.connected(provider);
    forgotten = "client-1";
    clock.advance(hour);
    expect(await authorizeUnasked(await stage.usher.join("ADMIN"), serverId)).toContain(
      "authorized=1",
    );
    expect(provider.registrations()).toHaveLength(2);
  });
});

// anthropics/claude-code#73460: a proxy passes on how Entra refuses a scope.
it("a registration survives invalid_client in a response that is about a scope", async () => {
  const provider = await stage.odd();
  const serverId = await stage.connected(provider);
  clock.advance(hour);
  provider.odd.authorize = () => ({
    error: "invalid_client",
    error_description: "AADSTS650053: The application asked for scope 'x' that doesn't exist.",
  });
  expect(await authorizeUnasked(stage.admin, serverId)).toContain("provider_error");
  provider.odd.authorize = () => ({});
  expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
  expect(provider.registrations()).toHaveLength(1);
});

describe("tokens", () => {
  const lifetimes: [string, Record<string, unknown>, number | null][] = [
    ["a float", { expires_in: 5250.7 }, 5250],
    ["text", { expires_in: "5250" }, 5250],
    ["text with a unit", { expires_in: "5250s" }, 5250],
    ["text with a fraction", { expires_in: "5250.0" }, 5250],
    ["null", { expires_in: null }, null],
    ["words", { expires_in: "never" }, null],
    ["a list", { expires_in: [5250] }, null],
    ["zero", { expires_in: 0 }, null],
    ["nothing", { expires_in: undefined }, null],
  ];
  it.each(lifetimes)("have a lifetime given as %s", async (_, more, seconds) => {
    const provider = await stage.odd(() => ({ token: (_sent, nth) => usualTokens(nth, more) }));
    const { expiresAt, obtainedAt } = await row(await stage.connected(provider));
    const told = expiresAt && Math.floor((expiresAt.getTime() - obtainedAt.getTime()) / 1000);
    expect(told).toBe(seconds);
  });

  it.each<[string, () => object]>([
    ["seconds", () => ({ expires_at: Math.floor(clock.now().getTime() / 1000) + 5250 })],
    ["milliseconds", () => ({ expires_at: clock.now().getTime() + 5_250_000 })],
    ["a date", () => ({ expires_at: new Date(clock.now().getTime() + 5_250_000).toISOString() })],
    [
      "text, as expires_on",
      () => ({ expires_on: String(Math.floor(clock.now().getTime() / 1000) + 5250) }),
    ],
  ])("expire at a moment given as %s", async (_, more) => {
    const provider = await stage.odd(() => ({
      token: (_sent, nth) => usualTokens(nth, { expires_in: undefined, ...more() }),
    }));
    const { expiresAt, obtainedAt } = await row(await stage.connected(provider));
    const seconds = ((expiresAt?.getTime() ?? 0) - obtainedAt.getTime()) / 1000;
    expect(Math.abs(seconds - 5250)).toBeLessThanOrEqual(1);
  });

  it.each<[string, (nth: number) => OddAnswer]>([
    [
      "form-encoded",
      (nth) => ({
        body: `access_token=a${nth}&token_type=bearer&scope=repo%2Cuser&refresh_token=r${nth}&expires_in=3600`,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }),
    ],
    [
      "as JSON that is called HTML",
      (nth) => ({ ...usualTokens(nth), headers: { "content-type": "text/html; charset=utf-8" } }),
    ],
    [
      "after a byte order mark",
      (nth) => ({ body: `\ufeff${JSON.stringify(usualTokens(nth).body)}` }),
    ],
    ["in data", (nth) => ({ body: { data: usualTokens(nth).body, success: true } })],
    ["with 201", (nth) => ({ ...usualTokens(nth), status: 201 })],
    ["with scopes as a list", (nth) => usualTokens(nth, { scope: ["a", "b"] })],
    ["of the type BEARER", (nth) => usualTokens(nth, { token_type: "BEARER" })],
    ["of the type BearerToken", (nth) => usualTokens(nth, { token_type: "BearerToken" })],
    ["without a type", (nth) => usualTokens(nth, { token_type: undefined })],
    ["of the type null", (nth) => usualTokens(nth, { token_type: null })],
    // kernel/kernel-mcp-server#101, UsefulSoftwareCo/executor#527
    [
      "beside an ID token of another issuer",
      (nth) =>
        usualTokens(nth, { id_token: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL3gifQ.c2ln" }),
    ],
  ])("are accepted %s", async (_, answer) => {
    const provider = await stage.odd(() => ({ token: (_sent, nth) => answer(nth) }));
    const serverId = await stage.connected(provider);
    clock.advance(2 * hour);
    expect(await stage.outcome(serverId)).toBe("works");
  });
});

describe("a refused refresh", () => {
  it.each<[string, OddAnswer]>([
    ["token_expired", refusal(401, "token_expired")],
    [
      "revoked, nested",
      { status: 400, body: { error: { code: 4012, message: "This refresh token was revoked" } } },
    ],
    ["a number and words", { status: 400, body: { code: 40101, msg: "refresh token expired" } }],
    [
      "success: false",
      {
        body: {
          success: false,
          error_code: "REFRESH_TOKEN_INVALID",
          message: "Refresh token is invalid",
        },
      },
    ],
    ["200 with an error", { body: { error: "invalid_grant" } }],
    [
      "a problem document",
      {
        status: 403,
        body: {
          type: "about:blank",
          title: "Forbidden",
          detail: "The refresh token has been invalidated",
        },
      },
    ],
    [
      "XML",
      {
        status: 400,
        body: "<error><code>invalid_grant</code><message>Refresh token not found</message></error>",
      },
    ],
  ])("asks for consent at once: %s", async (_, answer) => {
    const provider = await stage.odd();
    const serverId = await stage.connected(provider);
    refuseRefreshes(provider, answer);
    clock.advance(2 * hour);
    expect(await stage.outcome(serverId)).toBe("authorization_required");
    expect(provider.refreshes()).toHaveLength(1);
  });

  it.each<[string, OddAnswer]>([
    [
      "a firewall's line",
      { status: 403, body: "error code: 1020", headers: { "content-type": "text/plain" } },
    ],
    [
      "a firewall's page with 406",
      { status: 406, body: "<html><title>Not Acceptable!</title></html>" },
    ],
    [
      "a page with 503 and Retry-After",
      { status: 503, body: "<h1>Down</h1>", headers: { "retry-after": "30s" } },
    ],
    ["204", { status: 204 }],
    ["202", { status: 202, body: { status: "queued" } }],
    ["a login page with 200", { body: "<!doctype html><title>Sign in</title>" }],
    [
      "maintenance in JSON",
      { status: 400, body: { error: "service_unavailable", message: "Down for maintenance" } },
    ],
    ["a limit with 403", { status: 403, body: { message: "API rate limit exceeded" } }],
    ["521", { status: 521, body: "" }],
  ])("never asks for consent because of %s, however often", async (_, answer) => {
    const provider = await stage.odd();
    const serverId = await stage.connected(provider);
    refuseRefreshes(provider, answer);
    for (let times = 0; times < 5; times++) {
      clock.advance(2 * hour);
      expect(await stage.outcome(serverId)).toBe("try_later");
    }
    provider.odd.token = (_sent, nth) => usualTokens(nth);
    clock.advance(2 * hour);
    expect(await stage.outcome(serverId)).toBe("works");
  });
});

describe("a call refused because of its token", () => {
  it.each<[string, OddAnswer]>([
    [
      "403 and a challenge",
      { status: 403, headers: { "www-authenticate": 'Bearer error="invalid_token"' } },
    ],
    [
      "403 and an expired token",
      { status: 403, headers: { "www-authenticate": "Bearer error=token_expired" } },
    ],
    [
      "400 and a challenge",
      { status: 400, headers: { "www-authenticate": 'Bearer realm="x", error="invalid_token"' } },
    ],
    ["401 without a reason", { status: 401 }],
    [
      "403 and the code in the body",
      { status: 403, body: { error: "invalid_token", error_description: "expired" } },
    ],
    [
      "400 and the code in the body, nested",
      { status: 400, body: { error: { code: "invalid_token" } } },
    ],
  ])("is repeated once with a fresh token: %s", async (_, refused) => {
    const provider = await stage.odd();
    const serverId = await stage.connected(provider);
    provider.odd.guard = (bearer) => (bearer === "access-1" ? refused : null);
    const result = await call(serverId);
    expect(result.content).toEqual([{ type: "text", text: "pong" }]);
    expect(provider.refreshes()).toHaveLength(1);
  });

  it("is not repeated after a 403 about something else", async () => {
    const provider = await stage.odd();
    const serverId = await stage.connected(provider);
    provider.odd.guard = () => ({
      status: 403,
      body: { error: "forbidden", message: "No access" },
    });
    await expect(call(serverId)).rejects.toThrow();
    expect(provider.refreshes()).toHaveLength(0);
  });
});

describe("a call refused for missing scopes", () => {
  it.each<[string, number, string]>([
    ["with 401", 401, 'Bearer error="insufficient_scope", scope="b"'],
    // thunder-id/thunderid#4509
    ["without the error", 403, 'Bearer scope="b"'],
    // modelcontextprotocol/python-sdk#3103, PrefectHQ/fastmcp#4513
    [
      "in words",
      403,
      'Bearer error="insufficient_scope", error_description="Required scope: b", resource_metadata="/m"',
    ],
  ])("asks for a consent to them, and not for another token: %s", async (_, status, challenge) => {
    const provider = await stage.odd();
    const serverId = await stage.connected(provider);
    provider.odd.guard = () => ({ status, headers: { "www-authenticate": challenge } });
    await expect(call(serverId)).rejects.toMatchObject({ added: "b" });
    expect(provider.refreshes()).toHaveLength(0);
    await authorizeUnasked(stage.admin, serverId);
    expect(provider.at("/authorize").at(-1)?.query.get("scope")).toBe("b");
  });
});

describe("disconnecting", () => {
  it.each<[string, OddAnswer, string]>([
    ["204", { status: 204 }, "revoked"],
    ["200 with a text", { body: "ok" }, "revoked"],
    ["400 for a token that is over", refusal(400, "invalid_token", "Token not found"), "revoked"],
    ["a redirect", { status: 302, headers: { location: "/login" } }, "failed"],
    // A proxy in front of an unavailable provider answers with a page: the revocation is sent again later.
    ["a page", { body: "<h1>Hello</h1>" }, "retrying"],
    ["401", refusal(401, "invalid_client"), "failed"],
  ])("reports the outcome at a provider that answers %s", async (_, answer, told) => {
    const provider = await stage.odd((origin) => ({
      servers: { [well]: usualMetadata(origin, { revocation_endpoint: `${origin}/revoke` }) },
      revoke: () => answer,
    }));
    const serverId = await stage.connected(provider);
    const path = `/oauth/revoke/${serverId}`;
    const params = { serverId };
    const response = await stage.admin.visit(revokeRoute, {
      path,
      params,
      json: { what: "server" },
    });
    expect(await response.json()).toMatchObject({ deleted: 1, provider: told });
  });
});

it.each([
  [null, /only with the scope offline_access, which was not requested/],
  ["read offline_access", /without prompt=consent/],
])("says why no refresh token came where %s was requested", async (scope, why) => {
  const provider = await stage.odd(() => ({
    token: (_sent, nth) => usualTokens(nth, { refresh_token: undefined }),
  }));
  const serverId = await addByUrl(stage.admin, provider.url, { scope: scope ?? "" });
  expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
  const path = `/api/connections/${serverId}`;
  const read = async (visitor: Visitor) =>
    (await visitor.visit(connectionRoute, { path, params: { serverId } })).json();
  const { connection, mayAuthorize } = await read(stage.admin);
  expect(connection.noRefreshToken).toMatch(why);
  expect(connection.standing).toMatchObject({ status: "expiring", renewal: "impossible" });
  expect(connection.standing.reason).toMatch(why);
  expect(mayAuthorize).toBe(true);
  // The account is the team's: only an admin can authorize it.
  expect((await read(await stage.usher.join("MEMBER"))).mayAuthorize).toBe(false);
});

it("an authorization endpoint keeps its own parameters, and a code that arrives twice works once", async () => {
  const provider = await stage.odd((origin) => ({
    servers: {
      [well]: usualMetadata(origin, {
        authorization_endpoint: `${origin}/authorize?tenant=a&prompt=login&state=evil`,
      }),
    },
  }));
  const { result } = await discoverUrl(stage.admin, provider.url);
  expect(result.outcome).toBe("oauth");
  await stage.connected(provider);
  const asked = provider.at("/authorize").at(-1)?.query;
  expect([asked?.get("tenant"), asked?.getAll("state").length]).toEqual(["a", 1]);
  expect(asked?.get("state")).not.toBe("evil");
});
