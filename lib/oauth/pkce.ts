import { createHash, randomBytes } from "node:crypto";

export interface Pkce {
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
