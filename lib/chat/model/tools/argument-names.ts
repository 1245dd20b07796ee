/** How a part of a sent schema maps back to the server's own. */
export type ArgumentNames = {
  /** By the name that was sent: the server's key, and what stands below it. */
  properties: Map<string, { key: string; names: ArgumentNames }>;
  items: ArgumentNames | null;
  /** Of properties that the schema does not name. */
  rest: ArgumentNames | null;
  /** It was sent as a text that holds JSON. */
  asJson: boolean;
};

export function noNames(): ArgumentNames {
  return { properties: new Map(), items: null, rest: null, asJson: false };
}

/** Of alternatives: a name means the same key in each. */
export function unite(names: readonly ArgumentNames[]): ArgumentNames {
  const united = noNames();
  for (const each of names) {
    for (const [name, { key, names: inner }] of each.properties) {
      const known = united.properties.get(name);
      const below = known ? unite([known.names, inner]) : inner;
      united.properties.set(name, { key, names: below });
    }
    united.items = both(united.items, each.items);
    united.rest = both(united.rest, each.rest);
    united.asJson ||= each.asJson;
  }
  return united;
}

function both(first: ArgumentNames | null, second: ArgumentNames | null): ArgumentNames | null {
  return first && second ? unite([first, second]) : (first ?? second);
}

/** The arguments under the server's own names. A name that was not sent stays as the model wrote it. */
export function restoreArguments(value: unknown, names: ArgumentNames | null): unknown {
  if (names === null) return value;
  if (names.asJson && typeof value === "string") return parsedOr(value);
  if (Array.isArray(value)) return value.map((each) => restoreArguments(each, names.items));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const known = names.properties.get(name);
    return known
      ? ([known.key, restoreArguments(inner, known.names)] as const)
      : ([name, restoreArguments(inner, names.rest)] as const);
  });
  return Object.fromEntries(entries);
}

function parsedOr(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : text;
  } catch {
    return text;
  }
}
