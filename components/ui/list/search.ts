/** Whether one of these texts contains the query: case-insensitive, ignoring surrounding spaces. */
export function matches(sought: string, texts: readonly (string | null)[]): boolean {
  const needle = plain(sought.trim());
  return needle === "" || texts.some((text) => text !== null && plain(text).includes(needle));
}

/** An accent typed as one character or as two is the same. */
function plain(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** A shorter list is read faster than it is searched. */
const searchFrom = 9;

/** Whether a list of this length has a search field; an active search stays visible. */
export function isSearched(rows: number, sought: string): boolean {
  return rows >= searchFrom || sought !== "";
}

/** Characters; a pasted name or address fits. */
export const longestSearch = 200;
