/** What a tab keeps of a person: drafts, answers that were not sent, the open conversation. */
const ownPrefix = "usher-";
const ownerKey = "usher-owner";

/** Drops what an earlier person left in this tab. @param personId null: it is nobody's now */
export function takeOverTab(personId: string | null): void {
  try {
    const { sessionStorage } = window;
    if (sessionStorage.getItem(ownerKey) === personId) return;
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(ownPrefix)) sessionStorage.removeItem(key);
    }
    if (personId) sessionStorage.setItem(ownerKey, personId);
  } catch {
    // Nothing is kept where nothing can be stored.
  }
}
