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
  return `${cutText(line, maxLength - 1).trimEnd()}…`;
}

/** Like `oneLine`, but its lines stay, with at most one empty line in between. Truncated without a mark. */
export function severalLines(text: string, maxLength: number): string {
  const lines = text
    .slice(0, maxLength * 2)
    .split(/\r\n?|\n/)
    .map((line) => harmless(line));
  const shown = lines.join("\n").replace(/\n{3,}/g, "\n\n");
  return cutText(shown.trim(), maxLength);
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

/**
 * A lone surrogate is not a character: UTF-8 cannot represent it, and model APIs and Postgres reject a
 * request that contains one. Usher stores none and sends none.
 *
 * @see https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G1654
 */
const halfPair = /\p{Surrogate}/gu;

/** The text with U+FFFD in place of each lone surrogate. */
export function wellFormedText(text: string): string {
  return text.replace(halfPair, "\ufffd");
}

/** The same for each string and name in a JSON value. If there is nothing to repair it is the very same value. */
export function wellFormed<Value>(value: Value): Value {
  return mended(value) as Value;
}

/** At most `most` UTF-16 code units, without a lone surrogate at the end. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

/** The last `most` UTF-16 code units, without a lone surrogate at the beginning. */
export function endOfText(text: string, most: number): string {
  if (text.length <= most) return text;
  const first = text.charCodeAt(text.length - most);
  return text.slice(text.length - most + (first >= 0xdc00 && first <= 0xdfff ? 1 : 0));
}

function mended(value: unknown): unknown {
  if (typeof value === "string") return wellFormedText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const list = value.map(mended);
    return list.some((each, at) => each !== value[at]) ? list : value;
  }
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(
    ([name, each]) => [mended(name), mended(each)] as const,
  );
  const given = Object.entries(value);
  const changed = entries.some(
    ([name, each], at) => name !== given[at]?.[0] || each !== given[at]?.[1],
  );
  // Defines each name, `__proto__` too, where an assignment would call its setter.
  return changed ? Object.fromEntries(entries) : value;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * jsonb rejects NUL and lone surrogates, which a server may send and a split stream may produce.
 * @see https://www.postgresql.org/docs/current/datatype-json.html
 */
export function storableJson<T>(value: T): T {
  return storable(value) as T;
}

function storable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\0|\p{Surrogate}/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(storable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]),
  );
}
