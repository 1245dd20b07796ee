import { oneLine } from "@/lib/untrusted-text";

const LONGEST = 200;
/** A JWT, or a run of token characters that is too long for a word. */
const LIKE_A_TOKEN = /\beyJ[\w.-]+|(?=[\w-]*\d)[\w-]{20,}|[\w-]{32,}/g;

/**
 * Text that a provider wrote, fit to be shown: on one line, no longer than a sentence or two, and with everything that could be a token taken out.
 * Null where nothing is left.
 */
export function providerText(text: string | null, secrets: readonly string[] = []): string | null {
  if (text === null) return null;
  let shown = text;
  // Some providers quote what was sent to them.
  for (const secret of secrets) if (secret.length >= 4) shown = shown.replaceAll(secret, "…");
  shown = oneLine(withoutTokens(oneLine(shown)), LONGEST);
  return shown === "" ? null : shown;
}

/** Everything that could be a token taken out. */
export function withoutTokens(text: string): string {
  return text.replace(LIKE_A_TOKEN, "…");
}

/** An identifier that a server wrote, a URL in most cases, fit to stand inside a sentence. */
export function shownIdentifier(text: string): string {
  const shown = text.replace(/[^\x21-\x7e]+/g, "…");
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** An error code as RFC 6749 §5.2 allows it; null for anything else. */
export function errorCode(code: string | null): string | null {
  return code !== null && /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,60}$/.test(code) ? code : null;
}
