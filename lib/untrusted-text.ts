/**
 * Text from a server, a provider or a model, made fit to stand among Usher's own text. Browser
 * and server use the same set of characters.
 *
 * Deceptive is what hides text, hides itself, or reverses text: controls, line and paragraph
 * separators, default ignorables (bidirectional controls, zero width, fillers, tags, variation selectors),
 * annotations, and lone surrogates. What joins emoji into one is not.
 *
 * @see https://www.unicode.org/reports/tr36/#visual_spoofing
 */
const deceptive =
  /(\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?\u200d?)|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** Marks that a font stacks on one letter; a flood of them covers the lines around it. */
const stackedMarks = /(\p{M}{8})(\p{M}+)/gu;

/**
 * On one line, of one line's height, and with a mark where it is truncated. Each run of deceptive characters
 * becomes one space, so that two words stay apart and a name does not turn into another one.
 *
 * @param maxLength in UTF-16 code units, including the truncation mark
 */
export function oneLine(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  // A page of 16 MiB need not be sanitized to keep 300 characters of it.
  const start = text.slice(0, maxLength * 8);
  const line = harmless(start).replace(/\s+/g, " ").trim();
  if (line.length <= maxLength && start.length === text.length) return line;
  return `${withoutHalfPair(line.slice(0, maxLength - 1)).trimEnd()}…`;
}

/** Like `oneLine`, but its lines stay, with at most one empty line in between. Truncated without a mark. */
export function severalLines(text: string, maxLength: number): string {
  const lines = text
    .slice(0, maxLength * 2)
    .split(/\r\n?|\n/)
    .map((line) => harmless(line));
  const shown = lines.join("\n").replace(/\n{3,}/g, "\n\n");
  return withoutHalfPair(shown.trim().slice(0, maxLength));
}

/**
 * Text that a decision is based on: a deceptive character is shown as its code point. Line ends and tabs stay.
 */
export function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(deceptive, (character, emoji?: string) =>
      emoji !== undefined || /[\t\n]/.test(character) ? character : numbersOf(character),
    )
    .replace(stackedMarks, (_, shown: string, more: string) => shown + numbersOf(more));
}

/** For a name that is stored and compared: deceptive characters leave nothing behind. */
export function withoutDeceptive(text: string): string {
  return harmless(text, "");
}

function harmless(text: string, instead = " "): string {
  return text
    .replace(deceptive, (_, emoji?: string) => emoji ?? instead)
    .replace(stackedMarks, "$1");
}

function numbersOf(characters: string): string {
  return [...characters].map((each) => `\\u{${each.codePointAt(0)?.toString(16)}}`).join("");
}

function withoutHalfPair(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}

const LONGEST = 200;
/** A JWT, or a run of token characters that is too long for a word. */
const LIKE_A_TOKEN = /\beyJ[\w.-]+|(?=[\w-]*\d)[\w-]{20,}|[\w-]{32,}/g;

/**
 * Text from a provider, fit to be shown: on one line, at most a sentence or two, and nothing that could be a token.
 * Null if nothing is left.
 */
export function providerText(text: string | null, secrets: readonly string[] = []): string | null {
  if (text === null) return null;
  let shown = text;
  // Some providers quote what was sent to them.
  for (const secret of secrets) if (secret.length >= 4) shown = shown.replaceAll(secret, "…");
  shown = oneLine(withoutTokens(oneLine(shown)), LONGEST);
  return shown === "" ? null : shown;
}

/** With everything that could be a token removed. */
export function withoutTokens(text: string): string {
  return text.replace(LIKE_A_TOKEN, "…");
}

/** An identifier from a server, usually a URL, fit to stand inside a sentence. */
export function shownIdentifier(text: string): string {
  const shown = text.replace(/[^\x21-\x7e]+/g, "…");
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** An error code as RFC 6749 §5.2 allows it; null for anything else. */
export function errorCode(code: string | null): string | null {
  return code !== null && /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,60}$/.test(code) ? code : null;
}
