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
