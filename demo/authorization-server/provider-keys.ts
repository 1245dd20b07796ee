import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { exportJWK, generateKeyPair } from "jose";
import type { JWKS } from "oidc-provider";
import { writeFileAtomically } from "@/demo/atomic-write";

export interface ProviderKeys {
  /** Private ES256 key, for JWT access tokens and ID tokens. */
  readonly jwks: JWKS;
  /** Sign the provider's cookies. */
  readonly cookieKeys: readonly string[];
}

/** @param file where the keys are stored; null creates new ones that live as long as the process. */
export async function providerKeys(file: string | null): Promise<ProviderKeys> {
  const stored = file === null ? null : await readKeys(file);
  if (stored) return stored;
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keys: ProviderKeys = {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kty: "EC", alg: "ES256", use: "sig" }] },
    cookieKeys: [randomBytes(32).toString("base64url")],
  };
  if (file !== null) await writeFileAtomically(file, JSON.stringify(keys));
  return keys;
}

async function readKeys(file: string): Promise<ProviderKeys | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as ProviderKeys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Error(`The practice provider cannot read its keys in ${file}.`, { cause: error });
  }
}
