/** Whether one of these texts has what is sought: in any case, spaces around it left out. */
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

/** Whether a list of so many has a search field; what is searched for stays to be seen. */
export function isSearched(rows: number, sought: string): boolean {
  return rows >= searchFrom || sought !== "";
}

/** Characters; a name or an address that somebody pasted fits. */
export const longestSearch = 200;
