import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { InvalidInputError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";

/** @see https://www.rfc-editor.org/rfc/rfc7523#section-2.2 */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** In seconds: long enough for one request and for clocks that differ a little. */
const lifetimeSeconds = 60;

/**
 * Says who the client is, for one request: signed, short-lived, and with an id of its own.
 *
 * It is meant for the issuer, so that no other server can use what it was sent. Some providers want their Token URL
 * there instead, which an admin enters.
 *
 * @throws {InvalidInputError} There is no key to sign with.
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-3
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis
 */
export function clientAssertion(client: OAuthClient, now: Date): Promise<string> {
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
