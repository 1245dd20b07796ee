import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";

/** In bytes. 18 fill 24 base64url characters exactly, so that no bit of the encoding is unused. */
const SALT_LENGTH = 18;

/**
 * How many boxes share one salt and so one derived key. Each box has a random 96-bit nonce, so the
 * chance that any two of 2^16 collide is below 2^-65, far below the 2^-32 that NIST SP 800-38D §8.3
 * allows. Another process, and the same process after a restart, draws another salt. The salt is
 * stored in each box, so sharing it costs nothing in what can be opened, and saves an HKDF per seal.
 */
export const SEALS_PER_SALT = 2 ** 16;

/** Derived keys kept for opening. A key costs about 300 bytes; the least recently used one is dropped. */
const OPENING_KEYS_KEPT = 1024;

/** In bytes. @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf §8.2.2 */
export const NONCE_LENGTH = 12;
/** Drawn at once: a draw costs half as much as sealing a token, however little is drawn. */
const NONCES_DRAWN = 256;

const KEY_LENGTH = 32;
const INFO = "usher/vault/v1/record-key";

/**
 * Derives the keys that seal records from one master key, which itself encrypts nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export class RecordKeys {
  readonly #master: KeyObject;
  readonly #opening = new Map<string, KeyObject>();
  #sealing: { salt: string; key: KeyObject; sealsLeft: number } | undefined;
  #nonces = Buffer.alloc(0);
  #nonceTexts = "";
  #noncesUsed = 0;

  constructor(master: KeyObject) {
    this.#master = master;
  }

  /** A salt (base64url) with its key, and a random nonce with its base64url, to be used for one box. */
  forSealing(): { salt: string; key: KeyObject; nonce: Buffer; nonceText: string } {
    if (!this.#sealing || this.#sealing.sealsLeft === 0) {
      const salt = randomBytes(SALT_LENGTH);
      const text = salt.toString("base64url");
      this.#sealing = { salt: text, key: this.#derive(salt, text), sealsLeft: SEALS_PER_SALT };
    }
    this.#sealing.sealsLeft -= 1;
    const { salt, key } = this.#sealing;
    const { nonce, nonceText } = this.#nextNonce();
    return { salt, key, nonce, nonceText };
  }

  /** The key for the salt (base64url) of a box; null if it cannot be a salt. */
  forOpening(salt: string): KeyObject | null {
    const kept = this.#opening.get(salt);
    if (kept) {
      this.#opening.delete(salt);
      this.#opening.set(salt, kept);
      return kept;
    }
    const bytes = decodeCanonical(salt);
    return bytes?.length === SALT_LENGTH ? this.#derive(bytes, salt) : null;
  }

  #derive(salt: Buffer, text: string): KeyObject {
    const derived = createSecretKey(
      Buffer.from(hkdfSync("sha256", this.#master, salt, INFO, KEY_LENGTH)),
    );
    if (this.#opening.size >= OPENING_KEYS_KEPT) {
      const [leastRecentlyUsed] = this.#opening.keys();
      if (leastRecentlyUsed !== undefined) this.#opening.delete(leastRecentlyUsed);
    }
    this.#opening.set(text, derived);
    return derived;
  }

  /** Each is used once. */
  #nextNonce(): { nonce: Buffer; nonceText: string } {
    const at = this.#noncesUsed * NONCE_LENGTH;
    if (at === this.#nonces.length) {
      this.#nonces = randomBytes(NONCE_LENGTH * NONCES_DRAWN);
      this.#nonceTexts = this.#nonces.toString("base64url");
      this.#noncesUsed = 0;
      return this.#nextNonce();
    }
    this.#noncesUsed += 1;
    // 12 bytes are 16 characters exactly, so that each nonce has characters of its own.
    const textAt = (at / 3) * 4;
    return {
      nonce: this.#nonces.subarray(at, at + NONCE_LENGTH),
      nonceText: this.#nonceTexts.slice(textAt, textAt + (NONCE_LENGTH / 3) * 4),
    };
  }
}

/** By the number of characters after the last group of four: those that leave no bit unused. */
const LAST_CHARACTERS = [null, "", "AQgw", "AEIMQUYcgkosw048"];

/**
 * Null if the text is not the one canonical encoding of its bytes: Buffer.from is lenient, a vault
 * must not be. It skips what is not base64 (fewer bytes come out), also accepts the other alphabet's `+` and
 * `/`, reads only the low half of wide characters, and ignores the bits left over at the end.
 */
export function decodeCanonical(encoded: string | undefined): Buffer | null {
  if (encoded === undefined) return null;
  const { length } = encoded;
  const wanted = Math.floor((length * 3) / 4);
  const bytes = Buffer.allocUnsafe(wanted);
  const isCanonical =
    bytes.write(encoded, 0, "base64url") === wanted &&
    Buffer.byteLength(encoded) === length &&
    !encoded.includes("+") &&
    !encoded.includes("/") &&
    endsWhole(encoded);
  return isCanonical ? bytes : null;
}

function endsWhole(encoded: string): boolean {
  const over = encoded.length % 4;
  if (over === 0) return true;
  return LAST_CHARACTERS[over]?.includes(encoded.charAt(encoded.length - 1)) ?? false;
}
