/** In bytes; what is longer gets a place of its own. Nearly every token is shorter. */
const WORKSPACE_LENGTH = 16 * 1024;

/** By how many characters stand after the last whole four: those that leave no bit unused. */
const LAST_CHARACTERS = [null, "", "AQgw", "AEIMQUYcgkosw048"];

let kept: Buffer | undefined;

/**
 * A place to work in for a moment, not cleared: it is handed out again. It may hold what is sealed, and never
 * what is secret. One that is made anew for each token costs as much as reading its text.
 */
export function workspace(length: number): Buffer {
  if (length > WORKSPACE_LENGTH) return Buffer.allocUnsafeSlow(length);
  kept ??= Buffer.allocUnsafeSlow(WORKSPACE_LENGTH);
  return kept;
}

/**
 * Null where the text is not the one canonical encoding of its bytes: Buffer.from forgives, a vault
 * must not. It skips what is no base64 (fewer bytes come out), takes the other alphabet's `+` and
 * `/` as well, looks at the low half of wide characters, and ignores the bits left over at the end.
 *
 * @param into where the bytes go, from its beginning on; they are what is returned. Default: their own place
 */
export function decodeCanonical(encoded: string | undefined, into?: Buffer): Buffer | null {
  if (encoded === undefined) return null;
  const { length } = encoded;
  const wanted = Math.floor((length * 3) / 4);
  const place = into ?? Buffer.allocUnsafe(wanted);
  const isCanonical =
    place.write(encoded, 0, "base64url") === wanted &&
    Buffer.byteLength(encoded) === length &&
    !encoded.includes("+") &&
    !encoded.includes("/") &&
    endsWhole(encoded);
  return isCanonical ? place.subarray(0, wanted) : null;
}

function endsWhole(encoded: string): boolean {
  const over = encoded.length % 4;
  if (over === 0) return true;
  return LAST_CHARACTERS[over]?.includes(encoded.charAt(encoded.length - 1)) ?? false;
}
