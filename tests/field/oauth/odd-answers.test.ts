import { describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as callbackRoute, POST as postedRoute } from "@/app/oauth/callback/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import { callTool } from "@/lib/calls/call-tool";
import { clickAuthorize, openCallback } from "@/tests/support/authorize";
import {
  type OddAnswer,
  type OddProvider,
  refusal,
  refuseRefreshes,
  usualMetadata,
  usualTokens,
} from "@/tests/support/odd-provider";
import { OddProviderStage } from "@/tests/support/odd-provider-stage";
import { addByUrl, authorizeUnasked } from "@/tests/support/paste-url";

// What providers answer once the client is known, in the forms of public reports.

const hour = 3_600_000;

const stage = new OddProviderStage();
const { clock } = stage;

describe("an account is connected by tokens", () => {
  it.each<[string, (nth: number) => OddAnswer]>([
    [
      "in camel case",
      (nth) => ({ body: { accessToken: `a${nth}`, refreshToken: `r${nth}`, expiresIn: 3600 } }),
    ],
    ["in an envelope of any name", (nth) => ({ body: { status: 0, body: usualTokens(nth).body } })],
    ["in a list", (nth) => ({ body: [usualTokens(nth).body] })],
    [
      "after PHP's warnings",
      (nth) => ({
        body: `<br />\n<b>Notice</b>: x<br />\n${JSON.stringify(usualTokens(nth).body)}`,
      }),
    ],
    ["that are called JWTs", (nth) => usualTokens(nth, { token_type: "JWT" })],
  ])("%s, and refreshed", async (_, answer) => {
    const provider = await stage.odd(() => ({ token: (_sent, nth) => answer(nth) }));
    const serverId = await stage.connected(provider);
    clock.advance(2 * hour);
    expect(await stage.outcome(serverId)).toBe("works");
    expect(provider.refreshes().at(-1)?.form.refresh_token).toMatch(/1$/);
  });
});

describe("a refused refresh", () => {
  it.each<[string, OddAnswer]>([
    // supaglue-labs/supaglue#1935, dreeveapp/dreeve#1449, supabase/auth#2829
    [
      "HubSpot",
      {
        status: 400,
        body: { status: "BAD_REFRESH_TOKEN", message: "missing or invalid refresh token" },
      },
    ],
    [
      "Strava",
      {
        status: 400,
        body: {
          message: "Bad Request",
          errors: [{ resource: "RefreshToken", field: "refresh_token", code: "invalid" }],
        },
      },
    ],
    [
      "Supabase",
      { status: 400, body: { code: 400, error_code: "refresh_token_not_found", msg: "No" } },
    ],
    [
      "a sentence that says try again",
      refusal(400, "invalid_grant", "Session expired. Please sign in and try again."),
    ],
    [
      "a challenge alone",
      {
        status: 401,
        headers: {
          "www-authenticate":
            'Bearer error="invalid_token", error_description="Refresh token expired"',
        },
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
    // PostHog/posthog#66872, amazon-connect/amazon-connect-salesforce-lambda#43
    [
      "Salesforce, while another one runs",
      refusal(400, "invalid_grant", "token request is already being processed"),
    ],
    ["Salesforce, which asks for a retry", refusal(400, "unknown_error", "retry your request")],
    [
      "Supabase's limit",
      { status: 400, body: { code: 400, error_code: "over_request_rate_limit", msg: "No" } },
    ],
  ])("never asks for consent because of %s", async (_, answer) => {
    const provider = await stage.odd();
    const serverId = await stage.connected(provider);
    refuseRefreshes(provider, answer);
    for (let times = 0; times < 4; times++) {
      clock.advance(2 * hour);
      expect(await stage.outcome(serverId)).toBe("try_later");
    }
    provider.odd.token = (_sent, nth) => usualTokens(nth);
    clock.advance(2 * hour);
    expect(await stage.outcome(serverId)).toBe("works");
  });
});

// Softeria/ms-365-mcp-server#667
it("a client that is a public one at the provider sends its secret once, and never again", async () => {
  const isPublic =
    "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
  const secrets: boolean[] = [];
  const provider = await stage.odd(() => ({
    token: (sent, nth, { authorization }) => {
      const hasSecret = authorization !== null || sent.client_secret !== undefined;
      secrets.push(hasSecret);
      return hasSecret ? refusal(401, "invalid_client", isPublic) : usualTokens(nth);
    },
  }));
  const serverId = await stage.connected(provider);
  clock.advance(2 * hour);
  expect(await stage.outcome(serverId)).toBe("works");
  expect(secrets).toEqual([true, false, false]);
});

const failureOf = async (provider: OddProvider) => {
  const serverId = await addByUrl(stage.admin, provider.url);
  expect(await authorizeUnasked(stage.admin, serverId)).toContain("provider_error");
  const route = { path: `/api/connections/${serverId}`, params: { serverId } };
  const { connection } = await (await stage.admin.visit(connectionRoute, route)).json();
  return connection.failedAuthorization.reason as string;
};

// nextauthjs/next-auth#13097, nearai/ironclaw#1391
it.each<[string, object, string]>([
  [
    "inside an envelope",
    { data: { error_code: 10007, description: "authorization code expired" }, message: "error" },
    "authorization code expired",
  ],
  [
    "by a number",
    { code: 20003, msg: "The authorization code is not found" },
    "The authorization code is not found",
  ],
  ["in another language", { errcode: 40029, errmsg: "invalid code, 授权码 无效" }, "授权码 无效"],
])("a code that is refused with 200 %s is told in the provider's words", async (_, body, words) => {
  const provider = await stage.odd(() => ({ token: () => ({ body }) }));
  const reason = await failureOf(provider);
  expect(reason).toContain(words);
  expect(reason).toContain("Authorize again.");
});

// anthropics/claude-code#83679
it("a registered client that is refused is told in the provider's words", async () => {
  const body = [{ logref: "5", message: "Error : 'Fetch token call failed Bad credentials'" }];
  const provider = await stage.odd(() => ({ token: () => ({ status: 401, body }) }));
  const reason = await failureOf(provider);
  expect(reason).toContain("refuses the client that it registered for Usher");
  expect(reason).toContain("Bad credentials");
});

// django-oauth/django-oauth-toolkit#1851
it.each([
  ["/o/token/", "/o/token/"],
  ["https://sso.example/login?session=s3cret#top", "https://sso.example/login"],
])(
  "a token endpoint that redirects to %s is not followed, and the address named",
  async (to, named) => {
    const provider = await stage.odd(() => ({
      token: () => ({ status: 301, headers: { location: to } }),
    }));
    const reason = await failureOf(provider);
    expect(reason).toContain(`a redirect to ${new URL(named, provider.origin).href}`);
    expect(reason).not.toContain("s3cret");
    expect(provider.at("/o/token/")).toHaveLength(0);
  },
);

describe("a callback", () => {
  const begun = async (provider: OddProvider, told: (state: string) => string) => {
    const serverId = await addByUrl(stage.admin, provider.url);
    const url = new URL(await clickAuthorize(stage.admin, serverId));
    const callback = new URL(url.searchParams.get("redirect_uri") ?? "");
    callback.search = told(url.searchParams.get("state") ?? "");
    return { serverId, callback };
  };
  const locationOf = (response: Response) => response.headers.get("location") ?? "";
  const sentBack = async (provider: OddProvider, told: (state: string) => string) => {
    const { callback } = await begun(provider, told);
    return locationOf(await openCallback(stage.admin, callback));
  };
  const answered = (state: string) => `?code=c&state=${state}`;

  it("written for HTML connects, with the plus signs of its code", async () => {
    const provider = await stage.odd();
    expect(await sentBack(provider, (state) => `?code=a+b/c&amp;state=${state}`)).toContain(
      "authorized=1",
    );
    expect(provider.at("/token").at(-1)?.form.code).toBe("a+b/c");
  });

  it("with an error that has no value connects", async () => {
    const provider = await stage.odd();
    const query = (state: string) => `?error=&error_description=&code=c&state=${state}`;
    expect(await sentBack(provider, query)).toContain("authorized=1");
  });

  it.each([
    ["codes", "provider_error", (state: string) => `?code=a&code=b&state=${state}`],
    ["states", "unknown_state", (state: string) => `?code=a&state=other&state=${state}`],
  ])("with two different %s connects nothing", async (_, reason, query) => {
    const provider = await stage.odd();
    expect(await sentBack(provider, query)).toContain(reason);
    expect(provider.at("/token")).toHaveLength(0);
  });

  // SparkDevNetwork/Rock#6635
  it("without a state says so, and ends no flow", async () => {
    const provider = await stage.odd();
    const { serverId, callback } = await begun(provider, answered);
    const denied = new URL(callback.pathname, callback);
    denied.search = "?error=access_denied&error_description=The+user+denied";
    expect(locationOf(await openCallback(stage.admin, denied))).toContain(
      "/oauth/refused?reason=no_state",
    );
    expect(locationOf(await openCallback(stage.admin, callback))).toContain("authorized=1");
    expect(await stage.outcome(serverId)).toBe("works");
  });

  // streamlit/streamlit#15589
  it.each([
    ["sec-purpose", "prefetch;prerender"],
    ["sec-purpose", "prefetch"],
    ["purpose", "prefetch"],
    ["x-moz", "prefetch"],
  ])("that a browser fetches in advance waits for the person (%s: %s)", async (name, value) => {
    const provider = await stage.odd();
    const { callback } = await begun(provider, answered);
    const path = callback.pathname + callback.search;
    const ahead = await stage.admin.visit(callbackRoute, { path, headers: { [name]: value } });
    expect(ahead.status).toBe(503);
    expect(ahead.headers.get("cache-control")).toBe("no-store");
    expect(provider.at("/token")).toHaveLength(0);
    expect(locationOf(await openCallback(stage.admin, callback))).toContain("authorized=1");
  });

  // intuit/quickbooks-online-mcp-server#78
  it("that arrives twice ends twice as the first one does, and its code is sent once", async () => {
    const provider = await stage.odd();
    const { serverId, callback } = await begun(provider, answered);
    const twins = [stage.admin.sameBrowser(), stage.admin.sameBrowser()];
    const ends = await Promise.all(twins.map((each) => openCallback(each, callback)));
    for (const end of ends) expect(locationOf(end)).toContain("authorized=1");
    expect(provider.at("/token")).toHaveLength(1);
    expect(await stage.outcome(serverId)).toBe("works");
  });

  it("whose first response was lost says that the account is connected", async () => {
    const provider = await stage.odd();
    const { serverId, callback } = await begun(provider, answered);
    const other = await stage.usher.join("ADMIN", "Other Admin");
    await openCallback(stage.admin.sameBrowser(), callback);
    const again = await openCallback(stage.admin.sameBrowser(), callback);
    expect(locationOf(again)).toContain("authorized=1");
    expect(locationOf(await openCallback(other, callback))).toContain("wrong_user");
    expect(provider.at("/token")).toHaveLength(1);
    const revoked = { path: `/oauth/revoke/${serverId}`, params: { serverId } };
    await stage.admin.visit(revokeRoute, { ...revoked, json: { what: "server" } });
    expect(locationOf(await openCallback(stage.admin, callback))).toContain("unknown_state");
  });

  it("that failed says the same when it is sent again", async () => {
    const provider = await stage.odd(() => ({ token: () => refusal(400, "invalid_grant") }));
    const { callback } = await begun(provider, answered);
    const [first, again] = [
      locationOf(await openCallback(stage.admin.sameBrowser(), callback)),
      locationOf(await openCallback(stage.admin.sameBrowser(), callback)),
    ];
    expect(first).toContain("authorization_error=");
    expect(again).toBe(first);
    expect(provider.at("/token")).toHaveLength(1);
  });

  // anthropics/claude-ai-mcp#313
  it.each<[string, (query: string) => string, (query: string) => string]>([
    ["with its query", (query) => query, () => "user=ada&password=s3cret&state=of+the+form"],
    ["as a form", () => "", (query) => `${query.slice(1)}&session_state=x&password=s3cret`],
  ])("that is posted %s is opened by the browser itself", async (_, search, form) => {
    const provider = await stage.odd();
    const { callback } = await begun(provider, answered);
    const url = new URL(search(callback.search), callback);
    if (search(callback.search) === "") url.search = "";
    const posted = await postedRoute(
      new Request(url, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: "null" },
        body: form(callback.search),
      }),
      { params: Promise.resolve({}) },
    );
    expect(posted.status).toBe(303);
    expect(locationOf(posted)).toBe(callback.href);
    expect(locationOf(await openCallback(stage.admin, callback))).toContain("authorized=1");
  });
});

it.each<[string, object]>([
  ["as text", { error: "insufficient_scope", scope: "files:write" }],
  // nicobailon/pi-mcp-adapter#133
  ["as a list", { error: "insufficient_scope", required: ["files:write"] }],
  [
    "within JSON-RPC",
    { error: { code: -32003, message: "Insufficient scope: files:write required" }, id: null },
  ],
  [
    "in the data of JSON-RPC",
    { error: { code: -32003, message: "Insufficient scope", data: { scopes: ["files:write"] } } },
  ],
])("a 403 that names the scopes in its body %s asks for a consent to them", async (_, body) => {
  const provider = await stage.odd();
  const serverId = await stage.connected(provider);
  provider.odd.guard = () => ({ status: 403, body });
  const signal = new AbortController().signal;
  const call = callTool(stage.usher.app, {
    serverId,
    toolName: "ping",
    input: {},
    user: stage.admin.user,
    signal,
  });
  await expect(call).rejects.toMatchObject({ added: "files:write" });
  expect(provider.refreshes()).toHaveLength(0);
});

// better-auth/better-auth#9970
it("disconnecting where the provider revokes no such tokens says so", async () => {
  const well = "/.well-known/oauth-authorization-server";
  const provider = await stage.odd((origin) => ({
    servers: { [well]: usualMetadata(origin, { revocation_endpoint: `${origin}/revoke` }) },
    token: (_sent, nth) => usualTokens(nth, { refresh_token: undefined }),
    revoke: () => refusal(400, "unsupported_token_type"),
  }));
  const serverId = await stage.connected(provider);
  const route = { path: `/oauth/revoke/${serverId}`, params: { serverId } };
  const response = await stage.admin.visit(revokeRoute, { ...route, json: { what: "server" } });
  expect(await response.json()).toMatchObject({ deleted: 1, provider: "failed" });
});
