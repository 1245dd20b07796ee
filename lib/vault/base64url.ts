/** By how many characters stand after the last whole four: those that leave no bit unused. */
const LAST_CHARACTERS = [null, "", "AQgw", "AEIMQUYcgkosw048"];

/**
 * Null where the text is not the one canonical encoding of its bytes: Buffer.from forgives, a vault
 * must not. It skips what is no base64 (fewer bytes come out), takes the other alphabet's `+` and
 * `/` as well, looks at the low half of wide characters, and ignores the bits left over at the end.
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
