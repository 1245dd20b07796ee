import { createHash, randomBytes } from "node:crypto";

/** 256 bits, for a link that works once. The link has the token, the database its hash alone. */
export function createOneTimeToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString("base64url");
  return { token, tokenHash: hashOneTimeToken(token) };
}

export function hashOneTimeToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
