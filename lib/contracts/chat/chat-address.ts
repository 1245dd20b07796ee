/** Of the chat's page. @param path of a URL, with or without its query @returns null: a new conversation */
export function conversationIdOf(path: string): string | null {
  const part = /^\/chat\/([^/?#]+)/.exec(path)?.[1];
  try {
    return part ? decodeURIComponent(part) : null;
  } catch {
    // No conversation has such an address, and the one that is asked for says so.
    return part ?? null;
  }
}
