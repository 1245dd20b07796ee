/** Native code, loaded on first use: signed-in people never need it. */
const argon2 = () => import("@node-rs/argon2");

/** argon2id with OWASP's second profile: 19 MiB, 2 passes, 1 lane. @see https://www.rfc-editor.org/rfc/rfc9106 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export async function hashPassword(password: string): Promise<string> {
  const { hash } = await argon2();
  return hash(password.normalize("NFKC"), cost);
}

/** Takes as long without a stored hash, so that timing reveals no known addresses. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  if (stored === null) {
    await hashPassword(password);
    return false;
  }
  const { verify } = await argon2();
  return verify(stored, password.normalize("NFKC"));
}
