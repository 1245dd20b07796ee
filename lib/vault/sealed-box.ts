import { isAscii } from "node:buffer";
import { InvalidInputError, SealedBoxError } from "@/lib/errors";
import { decrypt, encrypt, TAG_LENGTH } from "@/lib/vault/aes-gcm";
import { findKey, type Keyring, type SealingKey } from "@/lib/vault/keyring";
import { decodeCanonical, NONCE_LENGTH } from "@/lib/vault/record-keys";

declare const sealed: unique symbol;

/**
 * What {@link seal} returns: `v1.<keyId>.<salt>.<iv>.<ciphertext+tag>`, each in base64url. Columns
 * that hold secrets take this type, so that a plain string does not compile there.
 */
export type Sealed = string & { readonly [sealed]: true };

/** Where a box is stored. A box opens nowhere else. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

const VERSION = "v1";

/**
 * Encrypts and authenticates `plaintext` for one place, under the current key.
 *
 * @throws {InvalidInputError} `plaintext` has a lone surrogate, which UTF-8 cannot represent.
 */
export function seal(keyring: Keyring, plaintext: string, place: SealedPlace): Sealed {
  if (!isWellFormed(plaintext)) {
    throw new InvalidInputError({
      [place.column]: "This text holds a broken character. Type it again instead of pasting it.",
    });
  }
  const { id: keyId, recordKeys } = keyring.current;
  const { salt, key, nonce, nonceText } = recordKeys.forSealing();
  const inputs = { key, nonce, associatedData: associatedData(keyId, place) };
  const body = encrypt(inputs, plaintext);
  return `${VERSION}.${keyId}.${salt}.${nonceText}.${body.toString("base64url")}` as Sealed;
}

/**
 * Decrypts a box that {@link seal} created for this very place, under the current key or an old one.
 *
 * @throws {SealedBoxError} The key is not configured, or the box was changed, cut or moved.
 */
export function open(keyring: Keyring, box: string, place: SealedPlace): string {
  const [version, keyId, salt, nonceEncoded, bodyEncoded, ...rest] = box.split(".");
  const nonce = decodeCanonical(nonceEncoded);
  const body = decodeCanonical(bodyEncoded);
  if (
    version !== VERSION ||
    keyId === undefined ||
    salt === undefined ||
    nonce?.length !== NONCE_LENGTH ||
    body === null ||
    body.length < TAG_LENGTH ||
    rest.length > 0
  ) {
    throw damaged(place);
  }
  const sealingKey = findKey(keyring, keyId);
  if (!sealingKey) throw unknownKey(place, keyId);
  const key = sealingKey.recordKeys.forOpening(salt);
  if (!key) throw damaged(place);

  try {
    const inputs = { key, nonce, associatedData: associatedData(keyId, place) };
    const plaintext = decrypt(inputs, body);
    // Nearly every secret is ASCII, which Node decodes faster than it does UTF-8.
    return plaintext.toString(isAscii(plaintext) ? "latin1" : "utf8");
  } catch (cause) {
    throw damaged(place, cause);
  }
}

/** False: seal the box again, since its key is old or unknown. */
export function isSealedUnderCurrentKey(keyring: Keyring, box: string): boolean {
  return box.startsWith(currentKeyPrefix(keyring));
}

/** The prefix of every box sealed under the current key. */
export function currentKeyPrefix(keyring: Keyring): string {
  return keyPrefix(keyring.current);
}

/** The prefix of every box sealed under this key; of the same length for each key. */
export function keyPrefix({ id }: SealingKey): string {
  return `${VERSION}.${id}.`;
}

/** JSON keeps the parts apart: `["a","bc"]` and `["ab","c"]` differ, whatever the parts contain. */
function associatedData(keyId: string, place: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, place.table, place.column, place.rowId]));
}

/** In Node 20, but not in TypeScript's ES2023 library. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

function damaged(place: SealedPlace, cause?: unknown): SealedBoxError {
  return new SealedBoxError(
    `A stored secret (${place.table}.${place.column}) does not open: it was changed, or moved from another row. Enter it again, or authorize again.`,
    { cause },
  );
}

function unknownKey(place: SealedPlace, keyId: string): SealedBoxError {
  const shown = /^[\w-]{1,32}$/.test(keyId) ? ` ${keyId}` : "";
  return new SealedBoxError(
    `A stored secret (${place.table}.${place.column}) was sealed with the key${shown}, which is not configured. Add that key to SECRETS_ENCRYPTION_KEYS_OLD and start again.`,
  );
}
