/** C0 and C1 controls, and what reorders or hides text: bidirectional controls, zero-width characters. */
const INVISIBLE =
  /[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]+/gu;

/**
 * A server's own words on one line, at most `maxLength` characters: fit to stand inside a message
 * of Usher's, where they must neither forge a new line nor push the rest out of sight.
 */
export function plainText(text: string, maxLength = 300): string {
  // A page of 16 MiB need not be cleaned to keep 300 characters of it.
  const start = text.slice(0, maxLength * 8);
  const line = start.replace(INVISIBLE, " ").replace(/\s+/g, " ").trim();
  return line.length <= maxLength && start.length === text.length
    ? line
    : `${withoutHalfPair(line.slice(0, maxLength - 1)).trimEnd()}…`;
}

function withoutHalfPair(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
