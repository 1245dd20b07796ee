/**
 * The name that was probably meant, such as `clientId` for `client_id` or `PUBLIC_URL` for `PUBLIC_ULR`.
 * @returns one of `names`; null: none resembles it
 */
export function similarName(given: string, names: readonly string[]): string | null {
  const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, "");
  const wanted = plain(given);
  const most = wanted.length < 8 ? 1 : 2;
  const [nearest] = names
    .map((name) => ({ name, mistakes: mistakesBetween(wanted, plain(name)) }))
    .toSorted((a, b) => a.mistakes - b.mistakes);
  return nearest && nearest.mistakes <= most ? nearest.name : null;
}

/** Characters that were changed, added, left out, or swapped with the next one. */
function mistakesBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return Number.POSITIVE_INFINITY;
  let earlier: number[] = [];
  let before = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const same = one[row - 1] === other[at - 1];
      const swapped =
        row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      next.push(
        Math.min(
          (before[at - 1] ?? 0) + (same ? 0 : 1),
          (before[at] ?? 0) + 1,
          (next[at - 1] ?? 0) + 1,
          swapped ? (earlier[at - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    earlier = before;
    before = next;
  }
  return before.at(-1) ?? 0;
}
