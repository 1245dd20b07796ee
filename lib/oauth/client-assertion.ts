import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { ClientAuth } from "oauth4webapi";
import { InvalidInputError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";

/** @see https://www.rfc-editor.org/rfc/rfc7523#section-2.2 */
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** In seconds: long enough for one request and for slightly different clocks. */
const lifetimeSeconds = 60;

/** Adds an assertion to a request. @returns with what must not appear in a message @throws {InvalidInputError} */
export async function byAssertion(
  client: OAuthClient,
  now: Date,
): Promise<{ authenticate: ClientAuth; secrets: string[] }> {
  const assertion = await clientAssertion(client, now);
  const authenticate: ClientAuth = (_server, _client, body) => {
    body.set("client_id", client.clientId);
    body.set("client_assertion_type", assertionType);
    body.set("client_assertion", assertion);
  };
  return { authenticate, secrets: [assertion] };
}

/**
 * Identifies the client in one request: signed, short-lived, with a unique ID.
 *
 * The audience is the issuer, so that a server that receives one cannot use it elsewhere. Some providers require their
 * Token URL instead, which an admin enters.
 *
 * @throws {InvalidInputError} There is no key to sign with.
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-3
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis
 */
function clientAssertion(client: OAuthClient, now: Date): Promise<string> {
  const { clientId, assertionKey: key, issuer, tokenEndpoint, settings } = client;
  if (!key)
    throw new InvalidInputError({ tokenEndpointAuthMethod: "There is no key to sign with." });
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: key.algorithm, kid: key.id, typ: "JWT" })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(settings?.assertionAudience || issuer || tokenEndpoint)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .sign(key.privateKey);
}
