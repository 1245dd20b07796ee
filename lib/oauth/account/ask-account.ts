import { customFetch, introspectionRequest } from "oauth4webapi";
import type { AccountEndpoints } from "@/lib/oauth/account/account-endpoints";
import { nameInClaims, type ToldName } from "@/lib/oauth/account/account-name";
import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import type { ProviderAnswer } from "@/lib/oauth/error-response";
import { type Parameters, parseParameters, textOf } from "@/lib/oauth/parameters";
import { clientAuthentication, readAnswer, serverAndClient } from "@/lib/oauth/provider-request";

/** For each request, in ms. */
const timeLimitMs = 4000;

interface Asked {
  client: OAuthClient;
  endpoints: AccountEndpoints;
  accessToken: string;
  /** As granted, separated by spaces. */
  scope: string | null;
}

/**
 * Whose account a token belongs to, from userinfo. Requested if the token was granted for it (`openid`), or if
 * the response comes from the very server that issued the token.
 *
 * @param subject from the ID token; a different one is not an answer
 * @throws UnreachableError | OutboundRefusedError
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
 */
export async function askUserinfo(
  { client, endpoints, accessToken, scope }: Asked,
  subject: string | null,
  ctx: OAuthContext,
): Promise<ToldName | null> {
  const url = endpoints.userinfo;
  if (url === null) return null;
  const isMeant = scope?.split(" ").includes("openid") || subject !== null;
  if (!isMeant && !isSameOrigin(url, client.tokenEndpoint)) return null;
  const endpoint = { ...endpointAt(url, "userinfo"), secrets: [client.clientSecret, accessToken] };
  const answer = await readAnswer(endpoint, ctx, (options) => {
    const { headers, signal } = options;
    const sent = { ...headers, accept: "application/json", authorization: `Bearer ${accessToken}` };
    return options[customFetch](url, { method: "GET", headers: sent, body: null, signal });
  });
  const claims = claimsOf(answer);
  if (!claims || (subject !== null && textOf(claims, "sub") !== subject)) return null;
  return nameInClaims(claims);
}

/**
 * Whose account a token belongs to, from introspection. It sends the client secret along, so it is requested only at
 * the token endpoint's origin.
 *
 * @param subject from the ID token; a different one is not an answer
 * @throws UnreachableError | OutboundRefusedError
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2
 */
export async function askIntrospection(
  { client, endpoints, accessToken }: Asked,
  subject: string | null,
  ctx: OAuthContext,
): Promise<ToldName | null> {
  const url = endpoints.introspection;
  if (url === null || client.tokenEndpointAuthMethod === "NONE") return null;
  if (!isSameOrigin(url, client.tokenEndpoint)) return null;
  const { authenticate, secrets } = await clientAuthentication(client, ctx.now());
  const endpoint = {
    ...endpointAt(url, "introspection"),
    secrets: [...secrets, accessToken],
  };
  const [server, oauthClient] = serverAndClient(client);
  const answer = await readAnswer(endpoint, ctx, (options) =>
    introspectionRequest(
      { ...server, introspection_endpoint: url },
      oauthClient,
      authenticate,
      accessToken,
      { ...options, additionalParameters: { token_type_hint: "access_token" } },
    ),
  );
  const claims = claimsOf(answer);
  if (claims?.active !== true) return null;
  const told = textOf(claims, "sub");
  return subject !== null && told !== null && told !== subject ? null : nameInClaims(claims);
}

function endpointAt(url: string, kind: "userinfo" | "introspection") {
  return { url, kind, field: "Token URL" as const, timeLimitMs };
}

/** A signed response is not read: nothing here verifies signatures. */
function claimsOf({ status, body }: ProviderAnswer): Parameters | null {
  return status === 200 && body.trimStart().startsWith("{") ? parseParameters(body) : null;
}

function isSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}
