/** What a tab keeps of a person: drafts, unsent answers, the open conversation. */
const ownPrefix = "usher-";
const ownerKey = "usher-owner";

/** Drops what an earlier person left in this tab. @param personId null: the tab now belongs to no one */
export function takeOverTab(personId: string | null): void {
  try {
    const { sessionStorage } = window;
    if (sessionStorage.getItem(ownerKey) === personId) return;
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(ownPrefix)) sessionStorage.removeItem(key);
    }
    if (personId) sessionStorage.setItem(ownerKey, personId);
  } catch {
    // If nothing can be stored, nothing is kept.
  }
}
