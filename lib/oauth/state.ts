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
