import { hash, verify } from "@node-rs/argon2";

/** argon2id with OWASP's second profile: 19 MiB, 2 passes, 1 lane. @see https://www.rfc-editor.org/rfc/rfc9106 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFKC"), cost);
}

/**
 * With no stored hash it takes as long as with one: the time does not tell which addresses are
 * known.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  if (stored === null) {
    await hashPassword(password);
    return false;
  }
  return verify(stored, password.normalize("NFKC"));
}
