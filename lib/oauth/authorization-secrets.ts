import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * A fresh value of 256 bits, for the `state` of an authorization request and for the cookie that
 * binds the request to one browser. Only hashes of both are stored, so that a leaked database lets
 * nobody finish a flow.
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

/** Compares in a time that tells nothing of where the two differ. */
export function secretsEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

interface Pkce {
  /** A fresh secret of 256 bits, 43 characters. */
  codeVerifier: string;
  /** What of it travels through the browser, by the method S256. */
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
