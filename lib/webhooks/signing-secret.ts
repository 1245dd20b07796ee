import { randomBytes } from "node:crypto";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

type SecretColumn = "secretSealed" | "previousSecretSealed";

/** `whsec_` and 32 random bytes in base64. @see https://www.standardwebhooks.com */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** The only place where signing secrets are sealed. */
export function sealSigningSecret(
  keyring: Keyring,
  webhookId: string,
  column: SecretColumn,
  secret: string,
): Sealed {
  return seal(keyring, secret, signingSecretPlace(webhookId, column));
}

/** The only place where they are opened. @throws SealedBoxError */
export function openSigningSecret(
  keyring: Keyring,
  webhookId: string,
  column: SecretColumn,
  box: string,
): string {
  return open(keyring, box, signingSecretPlace(webhookId, column));
}

export function signingSecretPlace(webhookId: string, column: SecretColumn): SealedPlace {
  return { table: "Webhook", column, rowId: webhookId };
}
