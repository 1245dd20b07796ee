/** Whether one of these texts has what is sought: in any case, spaces around it left out. */
export function matches(sought: string, texts: readonly (string | null)[]): boolean {
  const needle = plain(sought.trim());
  return needle === "" || texts.some((text) => text !== null && plain(text).includes(needle));
}

/** An accent typed as one character or as two is the same. */
function plain(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
