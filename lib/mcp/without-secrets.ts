/** Shorter values are no secrets, and taking them out would blank half of every text. */
const SHORTEST_SECRET = 6;
const REMOVED = "[removed]";

/** Those worth looking for, the longest first: one may be a part of another. */
export function findable(secrets: readonly string[]): string[] {
  return [...new Set(secrets)]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

/**
 * A JSON value without the secrets, wherever they stand in it: in a text, in a name, or as a number.
 * Where there are none it is the very same value.
 *
 * @param secrets as `findable` gives them
 */
export function withoutSecrets<Value>(value: Value, secrets: readonly string[]): Value {
  return cleaned(value, secrets) as Value;
}

function cleaned(value: unknown, secrets: readonly string[]): unknown {
  switch (typeof value) {
    case "string":
      return cleanedText(value, secrets);
    case "number":
      return secrets.includes(String(value)) ? REMOVED : value;
    case "object":
      if (value === null) return null;
      return Array.isArray(value) ? cleanedList(value, secrets) : cleanedObject(value, secrets);
    default:
      return value;
  }
}

function cleanedText(text: string, secrets: readonly string[]): string {
  let cleanText = text;
  for (const secret of secrets) cleanText = cleanText.replaceAll(secret, REMOVED);
  return cleanText;
}

function cleanedList(list: readonly unknown[], secrets: readonly string[]): readonly unknown[] {
  let changed = false;
  const clean = list.map((each) => {
    const cleanEach = cleaned(each, secrets);
    changed ||= cleanEach !== each;
    return cleanEach;
  });
  return changed ? clean : list;
}

function cleanedObject(value: object, secrets: readonly string[]): object {
  let changed = false;
  const entries = Object.entries(value).map(([name, each]) => {
    const entry = [cleanedText(name, secrets), cleaned(each, secrets)] as const;
    changed ||= entry[0] !== name || entry[1] !== each;
    return entry;
  });
  // Defines each name, `__proto__` too, where an assignment would call its setter.
  return changed ? Object.fromEntries(entries) : value;
}
