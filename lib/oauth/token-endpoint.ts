import { genericTokenEndpointRequest } from "oauth4webapi";
import { extraParametersIn } from "@/lib/contracts/servers/extra-parameters";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { ProviderError } from "@/lib/errors";
import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import type { ProviderAnswer } from "@/lib/oauth/error-response";
import {
  clientAuthentication,
  otherAuthMethods,
  readAnswer,
  serverAndClient,
  timeLimitMs,
} from "@/lib/oauth/provider-request";
import { missesClient } from "@/lib/oauth/reading/missing-client";
import { hasSecretEnded, isClientRefused, isRefused } from "@/lib/oauth/refusal";
import { readTokenResponse, type TokenResponse } from "@/lib/oauth/token-response";

/**
 * Exchanges an authorization code for tokens. Send it once: a repeated code makes a careful
 * server revoke what it granted the first time.
 *
 * @throws {ProviderError} The provider refused, or returned something that is not an OAuth response.
 * @throws {UnreachableError} No complete response came within 20 s and 256 KiB.
 * @throws {OutboundRefusedError} The guard does not permit requests to go there.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.5
 */
export async function exchangeCode(
  grant: {
    client: OAuthClient;
    code: string;
    /** Exactly as in the authorization request. */
    redirectUri: string;
    codeVerifier: string;
    /** RFC 8707; null if it is not sent. */
    resource: string | null;
  },
  ctx: OAuthContext,
): Promise<TokenResponse> {
  const { client, code, redirectUri, codeVerifier, resource } = grant;
  const body = new URLSearchParams({
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });
  const secrets = [code, codeVerifier];
  const grantType = "authorization_code";
  return requestTokens(client, { kind: "code_exchange", grantType, body, resource, secrets }, ctx);
}

/**
 * Exchanges a refresh token for tokens. `refreshToken` is null in the result if the provider sent
 * none: then the used one is still valid.
 *
 * @throws {ProviderError | UnreachableError | OutboundRefusedError} `classifyRefreshFailure` decides
 *   what each means for the stored tokens.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
export async function refreshTokens(
  grant: {
    client: OAuthClient;
    refreshToken: string;
    resource: string | null;
    /** As requested. Sent only if the client's settings say so. */
    scope?: string | null;
  },
  ctx: OAuthContext,
): Promise<TokenResponse> {
  const { client, refreshToken, resource, scope } = grant;
  const body = new URLSearchParams({ refresh_token: refreshToken });
  const { scopeOnRefresh, refreshEndpoint } = client.settings ?? {};
  if (scopeOnRefresh && scope) body.set("scope", joinedScopes(client, scope));
  const asked = refreshEndpoint ? { ...client, tokenEndpoint: refreshEndpoint } : client;
  const secrets = [refreshToken];
  const grantType = "refresh_token";
  return requestTokens(asked, { kind: "refresh", grantType, body, resource, secrets }, ctx);
}

/**
 * Requests tokens as the client alone: a machine's own account, without a person and without a refresh token.
 *
 * @throws {ProviderError | UnreachableError | OutboundRefusedError} as for a refresh
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2
 */
export async function requestClientCredentials(
  grant: {
    client: OAuthClient;
    resource: string | null;
    /** Space-separated. Null: the provider's default. */
    scope: string | null;
  },
  ctx: OAuthContext,
): Promise<TokenResponse> {
  const { client, resource, scope } = grant;
  const body = new URLSearchParams(scope ? { scope: joinedScopes(client, scope) } : {});
  const grantType = "client_credentials";
  const kind = "client_credentials";
  const tokens = await requestTokens(client, { kind, grantType, body, resource, secrets: [] }, ctx);
  // RFC 6749 §4.4.3: none should be issued. A server that sends one anyway means the same account.
  return { ...tokens, refreshToken: null };
}

export function joinedScopes({ settings }: OAuthClient, scope: string): string {
  return settings?.scopesByComma ? scope.replaceAll(" ", ",") : scope;
}

/** In ms; a try with less time would lose its response. */
const shortestTryMs = 3000;

export interface TokenGrant {
  kind: "code_exchange" | "refresh" | "client_credentials" | "token_exchange" | "jwt_bearer";
  grantType: string;
  body: URLSearchParams;
  resource: string | null;
  secrets: string[];
}

export function requestTokens(
  client: OAuthClient,
  grant: TokenGrant,
  ctx: OAuthContext,
): Promise<TokenResponse> {
  return requestGrant(client, grant, ctx, readTokenResponse);
}

type Read<Answer> = (answer: ProviderAnswer, now: Date) => Answer;

/**
 * A server that refuses the client with the chosen method is tried once with each of the others, until one of
 * them gets something other than a refusal. A lost response also ends this: the code or refresh
 * token may be used up by then, and using it twice ends the grant (RFC 9700 §4.14.2).
 *
 * @param read reads what the response grants; throws if it grants nothing
 */
export async function requestGrant<Answer extends object>(
  client: OAuthClient,
  grant: TokenGrant,
  ctx: OAuthContext,
  read: Read<Answer>,
): Promise<Answer & Pick<TokenResponse, "workingAuthMethod">> {
  const { audience, extraTokenParameters = "" } = client.settings ?? {};
  for (const [name, value] of Object.entries(extraParametersIn(extraTokenParameters))) {
    grant.body.set(name, value);
  }
  if (audience) grant.body.set("audience", audience);
  if (grant.resource !== null) grant.body.set("resource", grant.resource);
  const endsAt = performance.now() + timeLimitMs;
  try {
    return await requestTokensAs(client, grant, timeLimitMs, ctx, read);
  } catch (error) {
    const isOfClient = isClientRefused(error) || looksElsewhere(error);
    if (!isOfClient || hasSecretEnded(error) || isExpired(client, ctx)) throw error;
    for (const tokenEndpointAuthMethod of methodsAfter(error, client)) {
      const leftMs = endsAt - performance.now();
      if (leftMs < shortestTryMs) break;
      const asked = { ...client, tokenEndpointAuthMethod };
      const attempt = requestTokensAs(asked, grant, leftMs, ctx, read);
      const tokens = await attempt.catch((again: unknown) => {
        if (!isRefused(again)) throw again;
        return null;
      });
      if (tokens !== null) return { ...tokens, workingAuthMethod: tokenEndpointAuthMethod };
    }
    // The chosen method says best what is wrong.
    throw error;
  }
}

function looksElsewhere(error: unknown): boolean {
  return (
    error instanceof ProviderError && isRefused(error) && missesClient(error.error, error.said)
  );
}

/** Entra refuses a secret from a client that it has as a public one (AADSTS700025): then less is sent, not more. */
function methodsAfter(error: unknown, client: OAuthClient): readonly TokenEndpointAuthMethod[] {
  const isPublic = error instanceof ProviderError && /\bclient is public\b/i.test(error.said ?? "");
  return isPublic && client.clientSecret !== null ? ["NONE"] : otherAuthMethods(client);
}

/** An expired credential is not accepted in another form either, and an acceptance would only hide it. */
function isExpired({ clientSecretExpiresAt: end = null }: OAuthClient, ctx: OAuthContext): boolean {
  return end !== null && end <= ctx.now();
}

async function requestTokensAs<Answer>(
  client: OAuthClient,
  grant: TokenGrant,
  timeLimitMs: number,
  ctx: OAuthContext,
  read: Read<Answer>,
): Promise<Answer> {
  const { authenticate, secrets } = await clientAuthentication(client, ctx.now());
  const endpoint = {
    url: client.tokenEndpoint,
    field: "Token URL" as const,
    kind: grant.kind,
    timeLimitMs,
    secrets: [...secrets, ...grant.secrets],
  };
  const answer = await readAnswer(endpoint, ctx, (options) =>
    genericTokenEndpointRequest(
      ...serverAndClient(client),
      authenticate,
      grant.grantType,
      grant.body,
      options,
    ),
  );
  const signed = client.tokenEndpointAuthMethod === "PRIVATE_KEY_JWT";
  const forCode = grant.kind === "code_exchange";
  return read({ ...answer, signed, forCode }, ctx.now());
}
