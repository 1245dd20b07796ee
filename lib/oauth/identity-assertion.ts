import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import { type ProviderAnswer, providerError, unreadable } from "@/lib/oauth/error-response";
import { jwtClaims, jwtExpiry } from "@/lib/oauth/jwt";
import { parseParameters, textOf } from "@/lib/oauth/parameters";
import { joinedScopes, requestGrant, requestTokens } from "@/lib/oauth/token-endpoint";
import { readTokenResponse, type TokenResponse } from "@/lib/oauth/token-response";
import { toldError } from "@/lib/oauth/told-error";

const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** RFC 8693 §3, and the type that Enterprise-Managed Authorization adds. */
const tokenType = (name: SubjectTokenType | "id-jag") => `urn:ietf:params:oauth:token-type:${name}`;

/** The token from a person's sign-in, by RFC 8693 §3. */
export type SubjectTokenType = "id_token" | "access_token" | "refresh_token";

/** The right to request one person's tokens from one authorization server, for minutes. */
export interface IdJag {
  assertion: string;
  /** As allowed by the identity provider, which may be less than was requested. */
  scope: string | null;
}

/**
 * Exchanges a person's sign-in at the identity provider for an ID-JAG: it says who they are, and that this client may
 * act for them at this server.
 *
 * @throws {ProviderError | UnreachableError | OutboundRefusedError}
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2.1
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/ §4.3
 */
export async function requestIdJag(
  grant: {
    /** Usher's client at the identity provider. */
    client: OAuthClient;
    subjectToken: string;
    subjectTokenType: SubjectTokenType;
    /** The issuer of the MCP server's authorization server, exactly as in its metadata. */
    audience: string;
    /** RFC 9728; null if it is not sent. */
    resource: string | null;
    scope: string | null;
  },
  ctx: OAuthContext,
): Promise<IdJag> {
  const { client, subjectToken, subjectTokenType, audience, resource, scope } = grant;
  const body = new URLSearchParams({
    requested_token_type: tokenType("id-jag"),
    audience,
    subject_token: subjectToken,
    subject_token_type: tokenType(subjectTokenType),
    ...(scope ? { scope } : {}),
  });
  const secrets = [subjectToken];
  const sent = {
    kind: "token_exchange",
    grantType: tokenExchange,
    body,
    resource,
    secrets,
  } as const;
  const { assertion, scope: allowed } = await requestGrant(client, sent, ctx, readIdJag);
  return { assertion, scope: allowed ?? scope };
}

/** An identity provider that does not know ID-JAGs may send another token, which is useless elsewhere. */
function readIdJag(answer: ProviderAnswer): IdJag {
  const parameters = parseParameters(answer.body);
  const error = toldError(answer, parameters);
  if (error || answer.status < 200 || answer.status > 299) throw providerError(answer, error);
  const assertion = parameters && textOf(parameters, "access_token");
  const issued = parameters && textOf(parameters, "issued_token_type");
  // It may be encrypted for the authorization server, so only its type identifies it.
  const isIdJag =
    assertion && (issued === null ? isJwt(assertion) : issued === tokenType("id-jag"));
  if (!parameters || !assertion || !isIdJag || !/^[\x21-\x7e]+$/.test(assertion)) {
    throw unreadable(
      answer,
      "sent no ID-JAG",
      "Ask its admins whether it supports Cross App Access, and whether it is turned on for Usher.",
    );
  }
  return { assertion, scope: textOf(parameters, "scope") };
}

function isJwt(token: string): boolean {
  return jwtClaims(token) !== null;
}

/**
 * Presents an ID-JAG at the MCP server's authorization server.
 *
 * @throws {ProviderError | UnreachableError | OutboundRefusedError}
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.1
 */
export async function redeemIdJag(
  grant: { client: OAuthClient } & IdJag,
  ctx: OAuthContext,
): Promise<TokenResponse> {
  const { client, assertion, scope } = grant;
  const body = new URLSearchParams({ assertion });
  if (scope) body.set("scope", joinedScopes(client, scope));
  // The assertion names the resource, which its issuer has allowed.
  const sent = { kind: "jwt_bearer", grantType: jwtBearer, body, resource: null } as const;
  const tokens = await requestTokens(client, { ...sent, secrets: [assertion] }, ctx);
  return asExchanged(tokens);
}

/**
 * Exchanges a person's sign-in for a token that the server accepts, if it trusts the identity provider directly.
 *
 * @throws {ProviderError | UnreachableError | OutboundRefusedError}
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2.1
 */
export async function exchangeToken(
  grant: {
    client: OAuthClient;
    subjectToken: string;
    subjectTokenType: SubjectTokenType;
    resource: string | null;
    scope: string | null;
  },
  ctx: OAuthContext,
): Promise<TokenResponse> {
  const { client, subjectToken, subjectTokenType, resource, scope } = grant;
  const body = new URLSearchParams({
    requested_token_type: tokenType("access_token"),
    subject_token: subjectToken,
    subject_token_type: tokenType(subjectTokenType),
    ...(scope ? { scope: joinedScopes(client, scope) } : {}),
  });
  const sent = { kind: "token_exchange", grantType: tokenExchange, body, resource } as const;
  const grantOf = { ...sent, secrets: [subjectToken] };
  return asExchanged(await requestGrant(client, grantOf, ctx, readExchanged));
}

/** A refresh token or an ID token in `access_token` (RFC 8693 §2.2.1) is nothing to show an MCP server. */
function readExchanged(answer: ProviderAnswer, now: Date): TokenResponse {
  const tokens = readTokenResponse(answer, now);
  const issued = textOf(parseParameters(answer.body) ?? {}, "issued_token_type");
  if (issued === null || /:(access_token|jwt)$/.test(issued)) return tokens;
  throw unreadable(
    answer,
    "issued another kind of token than an access token",
    "Ask its admins which tokens Usher may get by token exchange.",
  );
}

/**
 * Microsoft Entra's form of token exchange: the access token of a sign-in is the assertion.
 *
 * @throws {ProviderError | UnreachableError | OutboundRefusedError}
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export async function requestOnBehalfOf(
  grant: { client: OAuthClient; accessToken: string; scope: string | null },
  ctx: OAuthContext,
): Promise<TokenResponse> {
  const { client, accessToken, scope } = grant;
  const body = new URLSearchParams({
    assertion: accessToken,
    requested_token_use: "on_behalf_of",
    ...(scope ? { scope: joinedScopes(client, scope) } : {}),
  });
  const sent = { kind: "jwt_bearer", grantType: jwtBearer, body, resource: null } as const;
  return asExchanged(await requestTokens(client, { ...sent, secrets: [accessToken] }, ctx));
}

/**
 * A refresh token is not kept: the identity provider must be asked each time, so that a person it no longer admits is
 * out with the next exchange.
 */
function asExchanged(tokens: TokenResponse): TokenResponse {
  const { accessToken, expiresAt } = tokens;
  return { ...tokens, refreshToken: null, expiresAt: expiresAt ?? jwtExpiry(accessToken) };
}
