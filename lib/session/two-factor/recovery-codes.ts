import { createHash, randomBytes } from "node:crypto";
import { recoveryCodeCount } from "@/lib/contracts/people/two-factor";

/** 32 characters without lookalikes: no 0, 1, l or o. */
const alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
const groups = 4;
const groupLength = 4;

/** 80 bits each, such as `k7fm-2qzt-9xnb-h4rd`: too many to try, so a plain hash protects them. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, newRecoveryCode);
}

function newRecoveryCode(): string {
  const signs = [...randomBytes(groups * groupLength)].map((byte) => alphabet[byte % 32]);
  return Array.from({ length: groups }, (_, at) =>
    signs.slice(at * groupLength, (at + 1) * groupLength).join(""),
  ).join("-");
}

/** The same for each spelling: in capitals, without hyphens, with spaces. */
export function hashRecoveryCode(userId: string, code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]/g, "");
  return createHash("sha256").update(`${userId} ${plain}`).digest("base64url");
}
