import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OutboundRefusedError } from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import type { OAuthClient } from "@/lib/oauth/client";
import { type ExchangeLeg, explainExchange } from "@/lib/oauth/exchange-refusal";
import { redeemIdJag, requestIdJag, requestOnBehalfOf } from "@/lib/oauth/identity-assertion";
import { type LocalHttpServer, sendJson, startHttpServer } from "@/tests/support/local-http-server";

type Answer = (response: ServerResponse) => void;
type Verdict = ReturnType<typeof explainExchange>["verdict"];

const subjectToken = "subject-token-6f1f8a";
const agent = createOutboundAgent({ allowHttpLoopback: true, allowedPrivateHosts: [] });
let server: LocalHttpServer;
let answer: Answer = (response) => sendJson(response, 500, {});

beforeAll(async () => {
  server = await startHttpServer((_request, response) => answer(response));
});
afterAll(async () => {
  await server.close();
  await agent.close();
});

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return (response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendJson(response, status, body);
  };
};
const told = (status: number, error: string, error_description?: string) =>
  json(status, { error, error_description });

/** As Entra answers: its number, its message, and lines for its support. */
const entra = (error: string, code: number, said: string, more = {}, status = 400) =>
  json(status, {
    error,
    error_description: `AADSTS${code}: ${said}\r\nTrace ID: 255d1aef-8c98-452f-ac51-23d051240864\r\nCorrelation ID: fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7\r\nTimestamp: 2026-01-09 02:02:12Z`,
    error_codes: [code],
    ...more,
  });

async function refusalOf(leg: ExchangeLeg | "on_behalf_of", given: Answer, idp = "Okta") {
  answer = given;
  const client: OAuthClient = {
    clientId: "usher",
    clientSecret: "client-secret-1",
    authorizationEndpoint: `${server.origin}/authorize`,
    tokenEndpoint: `${server.origin}/token`,
    revocationEndpoint: null,
    issuer: null,
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
  };
  const ctx = { outbound: createOutboundFetch(agent), now: () => new Date() };
  const scope = "files:read";
  const subject = { subjectToken, subjectTokenType: "id_token" } as const;
  const target = { audience: "https://as.example", resource: "https://mcp.example" };
  const request =
    leg === "authorization_server"
      ? redeemIdJag({ client, assertion: subjectToken, scope }, ctx)
      : leg === "on_behalf_of"
        ? requestOnBehalfOf({ client, accessToken: subjectToken, scope }, ctx)
        : requestIdJag({ client, ...subject, ...target, scope }, ctx);
  const error = await request.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).not.toBeNull();
  const where = leg === "authorization_server" ? leg : "identity_provider";
  return explainExchange(error, where, { idp, server: "calendar.example" });
}

describe("a refusal by the identity provider", () => {
  it.each<[string, Answer, Verdict, string]>([
    [
      "knows no connection to the server",
      told(400, "invalid_target", "Resource mismatch"),
      "refused",
      "Okta has no connection from Usher to calendar.example. Ask an admin to add it there; in Okta it is called a resource connection, or Cross App Access. (It said: invalid_target: “Resource mismatch”)",
    ],
    [
      "has not assigned the person",
      told(400, "access_denied", "Policy evaluation failed for this request."),
      "refused",
      "Okta does not let this person use calendar.example. An admin of Okta assigns them.",
    ],
    [
      "no longer takes the refresh token",
      told(400, "invalid_grant", "The refresh token is invalid or expired."),
      "sign_in_again",
      "The sign-in at Okta is over. Sign out of Usher and sign in again.",
    ],
    [
      "says by RFC 8693 that the ID token is no good",
      told(400, "invalid_request", "'subject_token' is invalid."),
      "sign_in_again",
      "The sign-in at Okta is over.",
    ],
    [
      "is asked at an authorization server of its own",
      told(400, "invalid_request", "'requested_token_type' is invalid or not supported."),
      "refused",
      "in Okta OIDC_ISSUER must be the org's own address, without /oauth2/default.",
    ],
    [
      "does not allow the scope",
      told(400, "unauthorized_client", "Scope not permitted"),
      "refused",
      "Okta does not allow one of the scopes for calendar.example.",
    ],
    [
      "does not know a scope",
      told(400, "invalid_scope", "One or more scopes are not configured."),
      "refused",
      "Okta does not allow one of the scopes for calendar.example.",
    ],
    [
      "does not let the app exchange tokens",
      told(400, "unauthorized_client", "The client is not authorized to use the provided grant."),
      "refused",
      "Okta does not let Usher exchange sign-ins. Ask an admin to allow token exchange for Usher's client there.",
    ],
    [
      "does not know the client",
      told(
        401,
        "invalid_client",
        "The client secret supplied for a confidential client is invalid.",
      ),
      "client_refused",
      "Okta does not accept Usher's client ID or client secret. Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
    ],
    [
      "wants a stronger sign-in",
      json(400, { error: "insufficient_user_authentication", max_age: 5 }),
      "sign_in_again",
      "Okta asks for a stronger sign-in, such as multi-factor authentication.",
    ],
  ])("is explained if Okta %s", async (_what, given, verdict, reason) => {
    const refusal = await refusalOf("identity_provider", given);
    expect(refusal.verdict).toBe(verdict);
    expect(refusal.reason).toContain(reason);
  });

  it.each<[string, Answer, Verdict, string]>([
    [
      "65001",
      entra(
        "invalid_grant",
        65001,
        "The user or administrator has not consented to use the application with ID 'x' named 'Usher'.",
        { suberror: "consent_required" },
      ),
      "refused",
      "Entra needs an admin's consent before Usher may use calendar.example for people. Ask an admin to grant it under API permissions of Usher's app registration.",
    ],
    [
      "50013",
      entra("invalid_grant", 50013, "Assertion failed signature validation."),
      "refused",
      "The sign-in at Entra is for another application than Usher.",
    ],
    [
      "50013 of an expired one",
      entra("invalid_grant", 50013, "Assertion is not within its valid time range. It expired."),
      "sign_in_again",
      "The sign-in at Entra is over.",
    ],
    [
      "500131",
      entra(
        "invalid_grant",
        500131,
        "Assertion audience does not match the Client app presenting the assertion.",
      ),
      "refused",
      "Ask an admin to set OIDC_SCOPE to a scope that Usher's own app registration exposes",
    ],
    [
      "50079",
      entra("interaction_required", 50079, "You must enroll in multifactor authentication.", {
        claims: '{"access_token":{"polids":{"essential":true}}}',
      }),
      "sign_in_again",
      "Entra asks for a stronger sign-in, such as multi-factor authentication.",
    ],
    [
      "53003",
      entra(
        "interaction_required",
        53003,
        "Access has been blocked by Conditional Access policies.",
        { claims: '{"access_token":{"capolids":{"essential":true}}}' },
      ),
      "refused",
      "A Conditional Access policy of Entra blocks calendar.example for this person.",
    ],
    [
      "50173",
      entra("invalid_grant", 50173, "The provided grant has expired due to it being revoked."),
      "sign_in_again",
      "The sign-in at Entra is over. Sign out of Usher and sign in again.",
    ],
    [
      "700082",
      entra("invalid_grant", 700082, "The refresh token has expired due to inactivity."),
      "sign_in_again",
      "The sign-in at Entra is over.",
    ],
    [
      "70000",
      entra("invalid_grant", 70000, "Provided grant is invalid or malformed."),
      "sign_in_again",
      "The sign-in at Entra is over.",
    ],
    [
      "70011",
      entra(
        "invalid_scope",
        70011,
        "The provided value for the input parameter 'scope' isn't valid.",
      ),
      "refused",
      "Entra does not allow one of the scopes for calendar.example.",
    ],
    [
      "500011",
      entra("invalid_resource", 500011, "The resource principal named api://x was not found."),
      "refused",
      "Entra has no connection from Usher to calendar.example.",
    ],
    [
      "50105",
      entra("invalid_grant", 50105, "The signed in user is not assigned to a role."),
      "refused",
      "Entra does not let this person use calendar.example.",
    ],
    [
      "7000215",
      entra("invalid_client", 7000215, "Invalid client secret provided.", {}, 401),
      "client_refused",
      "Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
    ],
    [
      "700016",
      entra("unauthorized_client", 700016, "Application with identifier 'x' was not found."),
      "client_refused",
      "Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
    ],
  ])("is explained if Entra answers AADSTS%s", async (_code, given, verdict, reason) => {
    const refusal = await refusalOf("on_behalf_of", given, "Entra");
    expect(refusal.verdict).toBe(verdict);
    expect(refusal.reason).toContain(reason);
    expect(refusal.reason).toContain("(It said: ");
  });

  it.each<[string, Answer, Verdict, string]>([
    [
      "Client is not within the token audience",
      told(403, "access_denied", "Client is not within the token audience"),
      "refused",
      "Ask an admin to make Usher's client an audience of its tokens there.",
    ],
    [
      "Standard token exchange is not enabled",
      told(
        400,
        "invalid_request",
        "Standard token exchange is not enabled for the requested client",
      ),
      "refused",
      "Ask an admin to allow token exchange for Usher's client there.",
    ],
    [
      "Requested audience not available",
      told(400, "invalid_request", "Requested audience not available: calendar"),
      "refused",
      "Keycloak gives Usher no tokens for the audience of calendar.example.",
    ],
    [
      "Audience not found",
      told(400, "invalid_client", "Audience not found"),
      "refused",
      "Keycloak gives Usher no tokens for the audience of calendar.example.",
    ],
    [
      "unsupported_grant_type",
      told(400, "unsupported_grant_type", "Unsupported grant_type"),
      "refused",
      "Keycloak does not let Usher exchange sign-ins.",
    ],
    [
      "Session not found",
      told(400, "invalid_token", "Session not found or invalid"),
      "sign_in_again",
      "The sign-in at Keycloak is over.",
    ],
    [
      "Invalid token",
      told(400, "invalid_request", "Invalid subject_token"),
      "sign_in_again",
      "The sign-in at Keycloak is over.",
    ],
    [
      "Permitted scopes not configured",
      told(400, "server_error", "Permitted scopes not configured for the audience client"),
      "refused",
      "Keycloak is not yet set up to issue ID-JAGs for calendar.example.",
    ],
    [
      "Public client is not allowed",
      told(400, "invalid_client", "Public client is not allowed to exchange token"),
      "refused",
      "Ask an admin to register Usher there as one.",
    ],
    [
      "Invalid client credentials",
      told(401, "invalid_client", "Invalid client or Invalid client credentials"),
      "client_refused",
      "Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
    ],
  ])("is explained if Keycloak says: %s", async (_said, given, verdict, reason) => {
    const refusal = await refusalOf("identity_provider", given, "Keycloak");
    expect(refusal.verdict).toBe(verdict);
    expect(refusal.reason).toContain(reason);
  });
});

describe("a refusal by the MCP server's authorization server", () => {
  it.each<[string, string, Answer, Verdict, string]>([
    [
      "Auth0",
      "has Cross App Access turned off for the client",
      told(403, "unauthorized_client", "Grant type not allowed for the client."),
      "refused",
      "calendar.example does not let Usher's client present ID-JAGs. Its admins allow that for the client: Auth0 calls it Cross App Access",
    ],
    [
      "Auth0",
      "has no connection to the issuer",
      told(400, "invalid_request", "No connection found for the issuer of the assertion."),
      "refused",
      "calendar.example does not trust Okta. Its admins add Okta as an identity provider for Cross App Access.",
    ],
    [
      "Auth0",
      "accepts no assertion",
      told(400, "invalid_grant", "Invalid assertion"),
      "refused",
      "calendar.example does not accept what Okta says about this person.",
    ],
    [
      "Auth0",
      "does not let the person in",
      told(403, "access_denied", "The organization requires membership."),
      "refused",
      "calendar.example does not let this person in.",
    ],
    [
      "Auth0",
      "does not know the client",
      told(401, "invalid_client", "Unauthorized"),
      "client_refused",
      "calendar.example does not accept Usher's client ID or client secret.",
    ],
    [
      "Keycloak",
      "has the grant turned off for the client",
      told(
        400,
        "invalid_grant",
        "JWT Authorization Grant is not supported for the requested client",
      ),
      "refused",
      "Keycloak JWT Authorization Grant.",
    ],
    [
      "Keycloak",
      "does not know the issuer",
      told(400, "invalid_grant", "No Identity Provider for provided issuer"),
      "refused",
      "calendar.example does not trust Okta.",
    ],
    [
      "Keycloak",
      "does not let the client use the identity provider",
      told(400, "invalid_grant", "Identity Provider is not allowed for the client"),
      "refused",
      "calendar.example does not trust Okta.",
    ],
    [
      "Keycloak",
      "knows no such person",
      told(400, "invalid_grant", "User not found"),
      "refused",
      "calendar.example knows no account of this person.",
    ],
    [
      "Keycloak",
      "reads another audience",
      told(400, "invalid_grant", "Invalid token audience"),
      "refused",
      "Okta issued the ID-JAG for another authorization server.",
    ],
    [
      "Keycloak",
      "cannot verify the signature",
      told(400, "invalid_grant", "Invalid signature"),
      "refused",
      "calendar.example cannot verify what Okta signs.",
    ],
    [
      "Keycloak",
      "finds it expired",
      told(400, "invalid_grant", "Token is not active"),
      "refused",
      "calendar.example finds the ID-JAG expired or not yet valid.",
    ],
    [
      "a server",
      "saw it before",
      told(400, "invalid_grant", "The assertion was used before."),
      "outage",
      "Usher asks for a new one next time.",
    ],
    [
      "a server",
      "reads another client in it",
      told(400, "invalid_grant", "ID-JAG client_id does not match authenticating client"),
      "refused",
      "The ID-JAG names another client than Usher uses at calendar.example.",
    ],
    [
      "a server",
      "reads another resource in it",
      told(400, "invalid_grant", "ID-JAG resource does not match MCP server resource"),
      "refused",
      "The ID-JAG is for another MCP server than calendar.example knows.",
    ],
    [
      "a server",
      "does not support the grant",
      told(400, "unsupported_grant_type"),
      "refused",
      "calendar.example accepts no ID-JAGs.",
    ],
    [
      "a server",
      "does not grant the scope",
      told(400, "invalid_scope", "files:read"),
      "refused",
      "calendar.example does not know one of the scopes, or does not grant it.",
    ],
  ])("is explained if %s %s", async (_vendor, _what, given, verdict, reason) => {
    const refusal = await refusalOf("authorization_server", given);
    expect(refusal.verdict).toBe(verdict);
    expect(refusal.reason).toContain(reason);
  });
});

describe.each(["identity_provider", "authorization_server"] as const)("of the %s", (leg) => {
  it.each<[string, Answer]>([
    ["an overloaded server", json(429, { error: "too_many_requests" }, { "retry-after": "7" })],
    ["a broken server", told(503, "invalid_grant", "The refresh token is invalid.")],
    ["a web page", (response) => response.setHeader("content-type", "text/html").end("<html>")],
    ["a firewall's page", (response) => response.writeHead(403).end("<html>Blocked</html>")],
    ["a truncated answer", (response) => response.end('{"access_token": "ab')],
    ["a redirect", (response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["a cut connection", (response) => response.socket?.destroy()],
    ["a code for trouble", told(400, "temporarily_unavailable")],
  ])("%s counts as an outage", async (_what, given) => {
    expect((await refusalOf(leg, given)).verdict).toBe("outage");
  });

  it("a requested wait is passed on", async () => {
    const given = json(429, {}, { "retry-after": "7" });
    expect((await refusalOf(leg, given)).retryAfterMs).toBe(7_000);
  });

  it("a 401 without a code concerns the client", async () => {
    expect((await refusalOf(leg, json(401, {}))).verdict).toBe("client_refused");
  });

  it("an unknown code is quoted, bounded, and without anything that was sent", async () => {
    const said = `You sent ${subjectToken}. ${"Very long. ".repeat(100)}`;
    const { verdict, reason } = await refusalOf(leg, told(400, "policy_violation", said));
    expect(verdict).toBe("refused");
    expect(reason).toMatch(
      /refused to exchange the sign-in\. Ask an admin to find out from the operators of /,
    );
    expect(reason).toContain("(It said: policy_violation: “You sent …. Very long.");
    expect(reason).not.toContain(subjectToken);
    expect(reason.length).toBeLessThan(400);
  });

  it("Usher's own refusal is reported as it is", () => {
    const names = { idp: "Okta", server: "calendar.example" };
    const guarded = explainExchange(new OutboundRefusedError("Not allowed."), leg, names);
    expect(guarded).toEqual({ verdict: "outage", reason: "Not allowed.", retryAfterMs: null });
    const unknown = explainExchange(new Error("secret"), leg, names);
    expect(unknown).toMatchObject({ verdict: "outage" });
    expect(unknown.reason).not.toContain("secret");
  });
});
