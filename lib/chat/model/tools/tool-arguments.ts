import { createHash } from "node:crypto";
import { parseBoundedJson } from "@/lib/bounded-json";
import { meantObject } from "@/lib/chat/model/meant-arguments";
import {
  isSchema,
  JoinedSchemas,
  type JsonSchema,
  propertiesOf,
  requiredOf,
  typesOf,
} from "./json-schema";

/** What every provider accepts as the name of a property. */
export const sendableKey = /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/;

/**
 * A name for each property key of a schema that can be sent: its own if possible, otherwise one derived from it
 * that no other key has. The same key has the same name wherever it appears.
 */
export function nameKeys(schema: JsonSchema): (key: string) => string {
  const keys = new Set<string>();
  collect(schema, keys, 0);
  const taken = new Set([...keys].filter((key) => sendableKey.test(key)));
  const names = new Map<string, string>();
  return (key) => {
    if (sendableKey.test(key)) return key;
    const known = names.get(key);
    if (known !== undefined) return known;
    const plain = plainName(key);
    const name = plain === "" || taken.has(plain) ? withHash(plain || "key", key) : plain;
    taken.add(name);
    names.set(key, name);
    return name;
  };
}

function plainName(key: string): string {
  const plain = key.replace(/[^a-zA-Z0-9_.-]+/g, "_").replace(/^[_.-]+|_+$/g, "");
  const named = /^[a-zA-Z]/.test(plain) || plain === "" ? plain : `p_${plain}`;
  return named.length <= 64 ? named : withHash(named, key);
}

function withHash(name: string, key: string): string {
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return `${name.slice(0, 64 - hash.length - 1)}_${hash}`;
}

/** All keys of `properties`, at any depth; extra ones do no harm. */
function collect(value: unknown, keys: Set<string>, depth: number): void {
  if (depth > 100 || typeof value !== "object" || value === null) return;
  if (isSchema(value) && isSchema(value.properties)) {
    for (const key of Object.keys(value.properties)) keys.add(key);
  }
  if (isSchema(value) && Array.isArray(value.required)) {
    for (const key of value.required) if (typeof key === "string") keys.add(key);
  }
  for (const each of Object.values(value)) collect(each, keys, depth + 1);
}

/** How a part of a sent schema maps back to the server's own. */
export type ArgumentNames = {
  /** By the sent name: the server's key, and what is below it. */
  properties: Map<string, { key: string; names: ArgumentNames }>;
  items: ArgumentNames | null;
  /** For properties that the schema does not name. */
  rest: ArgumentNames | null;
  /** It was sent as a string that contains JSON. */
  asJson: boolean;
};

export function noNames(): ArgumentNames {
  return { properties: new Map(), items: null, rest: null, asJson: false };
}

/** For alternatives: a name means the same key in each. */
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
    return (text.trimStart().startsWith("{") ? meantObject(text) : null) ?? text;
  }
}

/** What is deeper stays as it was written. */
const deepest = 8;

/**
 * Arguments whose types a model got wrong in a way that leaves no doubt about what it meant: a list, an object, a
 * number or a boolean written as text where the server takes no text, and the other way round, one value where it takes
 * nothing but a list of such values, and null for what can be left out. Everything else stays: the server's own error
 * tells the model more.
 *
 * @param schema the server's own
 */
export function fittingArguments(
  value: Record<string, unknown>,
  schema: JsonSchema,
): Record<string, unknown> {
  const fitting = new Fitting(schema).value(value, [schema], 0);
  return isSchema(fitting) ? fitting : value;
}

class Fitting {
  readonly #joined: JoinedSchemas;

  constructor(root: JsonSchema) {
    this.#joined = new JoinedSchemas(root);
  }

  /** @param schemas any of which may apply */
  value(value: unknown, schemas: readonly unknown[], depth: number): unknown {
    if (depth > deepest) return value;
    const alternatives = schemas.flatMap((each) => this.#alternatives(each, 0));
    const types = allowedTypes(alternatives);
    if (types === null) return value;
    const read = typeof value === "string" && !types.has("string") ? readAs(value, types) : value;
    if (Array.isArray(read)) return this.#list(read, alternatives, depth);
    if (types.has("array") && !isOneOf(read, types) && this.#isOnlyItem(read, alternatives)) {
      return this.#list([read], alternatives, depth);
    }
    if (isSchema(read) && types.has("object")) return this.#object(read, alternatives, depth);
    if (isSchema(read)) return isOnlyText(types) ? JSON.stringify(read) : read;
    return types.has("string") && isOther(read, types) ? String(read) : read;
  }

  #object(value: JsonSchema, alternatives: readonly JsonSchema[], depth: number): JsonSchema {
    const required = new Set(alternatives.flatMap(requiredOf));
    const entries = Object.entries(value).flatMap(([key, inner]) => {
      const schemas = alternatives.flatMap((each) => schemaOf(each, key));
      if (schemas.length === 0) return [[key, inner] as const];
      if (!required.has(key) && this.#isNothing(inner, schemas)) return [];
      return [[key, this.value(inner, schemas, depth + 1)] as const];
    });
    return Object.fromEntries(entries);
  }

  #list(value: readonly unknown[], alternatives: readonly JsonSchema[], depth: number): unknown[] {
    const items = itemsOf(alternatives);
    return items.length === 0
      ? [...value]
      : value.map((each) => this.value(each, items, depth + 1));
  }

  /** A text with a comma may be meant as several. */
  #isOnlyItem(value: unknown, alternatives: readonly JsonSchema[]): boolean {
    const types = this.#typesOf(itemsOf(alternatives));
    if (types === null || (typeof value === "string" && /[,;\n[]/.test(value))) return false;
    return isOneOf(value, types);
  }

  /** Null where it is not taken, also as a word where no text is. */
  #isNothing(value: unknown, schemas: readonly unknown[]): boolean {
    const types = this.#typesOf(schemas);
    if (types === null || types.has("null")) return false;
    const isWord = typeof value === "string" && /^(null|none|undefined)?$/i.test(value.trim());
    return value === null || (isWord && !types.has("string"));
  }

  #typesOf(schemas: readonly unknown[]): ReadonlySet<string> | null {
    return allowedTypes(schemas.flatMap((each) => this.#alternatives(each, 0)));
  }

  #alternatives(schema: unknown, depth: number): JsonSchema[] {
    const { anyOf, ...own } = this.#joined.plain(schema);
    if (!Array.isArray(anyOf) || depth > deepest) return [own];
    return anyOf.flatMap((each) => this.#alternatives({ allOf: [own, each] }, depth + 1));
  }
}

/** Null: any. */
function allowedTypes(alternatives: readonly JsonSchema[]): ReadonlySet<string> | null {
  const types = alternatives.map(typesOf);
  return types.some((each) => each.length === 0) ? null : new Set(types.flat());
}

function itemsOf(alternatives: readonly JsonSchema[]): JsonSchema[] {
  return alternatives.flatMap(({ items }) => (isSchema(items) ? [items] : []));
}

function schemaOf(schema: JsonSchema, key: string): unknown[] {
  const own = propertiesOf(schema).find(([name]) => name === key);
  if (own) return [own[1]];
  return isSchema(schema.additionalProperties) ? [schema.additionalProperties] : [];
}

function isOnlyText(types: ReadonlySet<string>): boolean {
  return types.has("string") && [...types].every((type) => type === "string" || type === "null");
}

/** A boolean, or a number that a text says exactly, where neither is taken. */
function isOther(value: unknown, types: ReadonlySet<string>): boolean {
  if (typeof value === "boolean") return !types.has("boolean");
  return Number.isSafeInteger(value) && !types.has("integer") && !types.has("number");
}

/** What a text says, if it is one of these types; otherwise the text. */
function readAs(text: string, types: ReadonlySet<string>): unknown {
  const word = text.trim();
  if (types.has("boolean") && /^(true|false)$/i.test(word)) return word.toLowerCase() === "true";
  try {
    const value = parseBoundedJson(word);
    return isOneOf(value, types) ? value : text;
  } catch {
    return text;
  }
}

function isOneOf(value: unknown, types: ReadonlySet<string>): boolean {
  if (Array.isArray(value)) return types.has("array");
  if (value === null) return types.has("null");
  if (typeof value !== "number") return types.has(typeof value);
  // An integer that a number cannot hold would become another one.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  return types.has("number") || (types.has("integer") && Number.isInteger(value));
}
