import { type CipherKey, createCipheriv, createDecipheriv } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
/** In bytes. Given at both ends, as Node otherwise accepts a tag truncated to 4 bytes when it opens. */
export const TAG_LENGTH = 16;

/** All in bytes: `key` 32, `nonce` 12. A nonce is never used twice with one key. */
export interface GcmInputs {
  readonly key: CipherKey;
  readonly nonce: Uint8Array;
  readonly associatedData: Uint8Array;
}

/**
 * @param plaintext bytes, or a string for its UTF-8
 * @returns the ciphertext, followed by the tag
 * @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf
 */
export function encrypt(
  { key, nonce, associatedData }: GcmInputs,
  plaintext: Uint8Array | string,
): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(associatedData);
  const ciphertext =
    typeof plaintext === "string" ? cipher.update(plaintext, "utf8") : cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([ciphertext, cipher.getAuthTag()]);
}

/**
 * @param body what {@link encrypt} returned
 * @throws {Error} It is not what was encrypted with these inputs.
 */
export function decrypt({ key, nonce, associatedData }: GcmInputs, body: Uint8Array): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_LENGTH });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(body.subarray(-TAG_LENGTH));
  const plaintext = decipher.update(body.subarray(0, -TAG_LENGTH));
  // Nothing that update() returned may be used before final() has checked the tag.
  decipher.final();
  return plaintext;
}
