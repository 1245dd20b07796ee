/** A text as a part of a LIKE pattern, each of its characters as it stands. Prisma passes `contains` on unescaped. */
export function escapedForLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
