import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

/** The only place where it is sealed. @param secret in base32 */
export function sealTwoFactor(keyring: Keyring, userId: string, secret: string): Sealed {
  return seal(keyring, secret, twoFactorPlace(userId));
}

/** The only place where it is opened. @throws SealedBoxError */
export function openTwoFactor(keyring: Keyring, userId: string, box: string): string {
  return open(keyring, box, twoFactorPlace(userId));
}

/**
 * Bound to the person: a box moved to another person's row does not open. The name is sealed in: with another one, no
 * stored box would open.
 */
export function twoFactorPlace(userId: string): SealedPlace {
  return { table: "SecondStep", column: "secretSealed", rowId: userId };
}
