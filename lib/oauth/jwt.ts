import { type Parameters, parseParameters } from "@/lib/oauth/parameters";

/**
 * A JWT's claims, read without verifying its signature: only to show times and names. Null: not a JWT.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-7.2
 */
export function jwtClaims(token: string): Parameters | null {
  const [header, payload, signature, ...more] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined) return null;
  if (more.length > 0 || !partOf(header)) return null;
  return partOf(payload);
}

/**
 * Until when a server that validates access tokens locally accepts this one, even after it was revoked.
 * Null: not a JWT, or without an expiry.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-3
 */
export function jwtExpiry(token: string): Date | null {
  const exp = jwtClaims(token)?.exp;
  return typeof exp === "number" && exp > 0 && exp < 1e11 ? new Date(exp * 1000) : null;
}

function partOf(encoded: string): Parameters | null {
  const text = Buffer.from(encoded, "base64url").toString("utf8");
  return text.trimStart().startsWith("{") ? parseParameters(text) : null;
}
