import type { OAuthClient } from "@/lib/oauth/client";
import { isProtocolParameter } from "@/lib/oauth/extra-parameters";

/**
 * Where the person's browser goes to give consent.
 *
 * A query that the endpoint has is kept (RFC 6749 §3.1), yet what it or the extra parameters say
 * about the protocol itself is overridden: no parameter is sent twice.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.3
 */
export function buildAuthorizationUrl(request: {
  client: Pick<OAuthClient, "authorizationEndpoint" | "clientId">;
  redirectUri: string;
  state: string;
  codeChallenge: string;
  /** Separated by spaces; null or empty: the provider's default. */
  scope: string | null;
  /** RFC 8707; null where it is not sent. */
  resource: string | null;
  extraParameters: Readonly<Record<string, string>>;
}): string {
  const url = new URL(request.client.authorizationEndpoint);
  url.hash = "";
  for (const [name, value] of Object.entries(request.extraParameters)) {
    if (!isProtocolParameter(name)) url.searchParams.set(name, value);
  }
  const parameters: Record<string, string | null> = {
    response_type: "code",
    client_id: request.client.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scope,
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    resource: request.resource,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value);
    // An endpoint's own scope is a default that an empty field leaves standing; its resource is not ours.
    else if (name === "resource") url.searchParams.delete(name);
  }
  return url.href;
}
