/** A shorter list is read faster than it is searched. */
const searchFrom = 9;

/** Whether a list of so many has a search field; what is searched for stays to be seen. */
export function isSearched(rows: number, sought: string): boolean {
  return rows >= searchFrom || sought !== "";
}

/** Characters; a name or an address that somebody pasted fits. */
export const longestSearch = 200;
