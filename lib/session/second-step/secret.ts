import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

/** The only place where it is sealed. @param secret in base32 */
export function sealSecondStep(keyring: Keyring, userId: string, secret: string): Sealed {
  return seal(keyring, secret, secondStepPlace(userId));
}

/** The only place where it is opened. @throws SealedBoxError */
export function openSecondStep(keyring: Keyring, userId: string, box: string): string {
  return open(keyring, box, secondStepPlace(userId));
}

/** Bound to the person: a box moved to another person's row does not open. */
export function secondStepPlace(userId: string): SealedPlace {
  return { table: "SecondStep", column: "secretSealed", rowId: userId };
}
