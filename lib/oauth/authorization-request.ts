import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { isProtocolParameter } from "@/lib/contracts/servers/extra-parameters";
import type { OAuthClient } from "@/lib/oauth/client";

/**
 * The URL at which the person gives consent in their browser.
 *
 * The endpoint's own query is kept (RFC 6749 §3.1), but anything it or the extra parameters say
 * about the protocol itself is overridden: no parameter is sent twice, and none that would change how the
 * answer comes back. A space is `%20`, which everyone decodes: for some a plus sign is one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.3
 */
export function buildAuthorizationUrl(request: {
  client: Pick<OAuthClient, "authorizationEndpoint" | "clientId" | "settings">;
  redirectUri: string;
  state: string;
  codeChallenge: string;
  /** Separated by spaces; null or empty: the provider's default. */
  scope: string | null;
  /** RFC 8707; null if it is not sent. */
  resource: string | null;
  extraParameters: Readonly<Record<string, string>>;
}): string {
  const url = new URL(request.client.authorizationEndpoint);
  url.hash = "";
  // An endpoint's own scope is a default that an empty field keeps.
  const foreign = [...url.searchParams.keys()].filter(
    (name) => isProtocolParameter(name) && name !== "scope",
  );
  for (const name of foreign) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(request.extraParameters)) {
    if (!isProtocolParameter(name)) url.searchParams.set(name, value);
  }
  const { audience, scopesByComma } = request.client.settings ?? {};
  if (audience) url.searchParams.set("audience", audience);
  const scope = scopesByComma ? request.scope?.replaceAll(" ", ",") : request.scope;
  const parameters: Record<string, string | null | undefined> = {
    response_type: "code",
    client_id: request.client.clientId,
    redirect_uri: request.redirectUri,
    scope,
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    resource: request.resource,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value);
  }
  url.search = url.search.replaceAll("+", "%20");
  return url.href;
}

/**
 * A fresh value of 256 bits, for the `state` of an authorization request and for the cookie that
 * binds the request to one browser. Only hashes of both are stored, so that no one can finish a flow
 * with a leaked database.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-10.12
 */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** SHA-256, base64url. A secret of 256 random bits needs nothing slower. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("base64url");
}

/** Compares in a time that does not reveal where the two differ. */
export function secretsEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

interface Pkce {
  /** A fresh secret of 256 bits, 43 characters. */
  codeVerifier: string;
  /** The part that travels through the browser, by the method S256. */
  codeChallenge: string;
}

/** @see https://www.rfc-editor.org/rfc/rfc7636#section-4 */
export function createPkce(): Pkce {
  const codeVerifier = randomBytes(32).toString("base64url");
  return { codeVerifier, codeChallenge: codeChallengeOf(codeVerifier) };
}

/** By the method S256. @see https://www.rfc-editor.org/rfc/rfc7636#section-4.2 */
export function codeChallengeOf(codeVerifier: string): string {
  return createHash("sha256").update(codeVerifier, "ascii").digest("base64url");
}
