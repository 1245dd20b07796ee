import { randomBytes } from "node:crypto";
import { type Keyring, parseKeyring } from "@/lib/vault/keyring";

/** With a key that no one else has. */
export function newKeyring(): Keyring {
  const { keyring } = parseKeyring(randomBytes(32).toString("base64"), undefined);
  if (!keyring) throw new Error("Random bytes yielded no key.");
  return keyring;
}
