import { SealedBoxError } from "@/lib/errors";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

/** The id of the one row of VaultCanary. */
export const CANARY_ID = "canary";

export const CANARY_PLACE: SealedPlace = {
  table: "VaultCanary",
  column: "boxSealed",
  rowId: CANARY_ID,
};
const SONG = "usher/vault/v1/canary";

export type CanaryCheck = { ok: true } | { ok: false; problem: string };

/** A box to store when a database is first used; {@link checkCanary} then detects a wrong key at boot. */
export function makeCanary(keyring: Keyring): Sealed {
  return seal(keyring, SONG, CANARY_PLACE);
}

/** Whether this keyring opens what the database contains. The problem names variables, never values. */
export function checkCanary(keyring: Keyring, box: string): CanaryCheck {
  try {
    if (open(keyring, box, CANARY_PLACE) === SONG) return { ok: true };
  } catch (error) {
    if (!(error instanceof SealedBoxError)) throw error;
  }
  return {
    ok: false,
    problem:
      "SECRETS_ENCRYPTION_KEY is not the key this database was sealed with: set the key that was used before, or put that one into SECRETS_ENCRYPTION_KEYS_OLD.",
  };
}
