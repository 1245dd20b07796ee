/**
 * Null where the text is not the one canonical encoding of its bytes: Buffer.from forgives, a vault
 * must not. It skips what is no base64 (fewer bytes come out), takes the other alphabet's `+` and
 * `/` as well, looks at the low half of wide characters, and ignores the bits left over at the end.
 */
export function decodeCanonical(encoded: string | undefined): Buffer | null {
  if (encoded === undefined) return null;
  const { length } = encoded;
  const bytes = Buffer.from(encoded, "base64url");
  const isCanonical =
    length % 4 !== 1 &&
    bytes.length === Math.floor((length * 3) / 4) &&
    Buffer.byteLength(encoded) === length &&
    !encoded.includes("+") &&
    !encoded.includes("/") &&
    encoded.endsWith(bytes.subarray(bytes.length - (bytes.length % 3)).toString("base64url"));
  return isCanonical ? bytes : null;
}
