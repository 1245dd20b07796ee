import { parseBoundedJson } from "@/lib/bounded-json";
import {
  isSchema,
  JoinedSchemas,
  type JsonSchema,
  propertiesOf,
  requiredOf,
  typesOf,
} from "./json-schema";

/** What is deeper stays as it was written. */
const deepest = 8;

/**
 * Arguments whose types a model got wrong in a way that leaves no doubt about what it meant: a list, an object, a
 * number or a boolean written as text where the server takes no text, a number where it takes nothing but text,
 * and null for what can be left out. Everything else stays: the server's own error tells the model more.
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
    if (isSchema(read)) return this.#object(read, alternatives, depth);
    const isPlainNumber =
      Number.isSafeInteger(read) && !types.has("integer") && !types.has("number");
    return isPlainNumber && types.has("string") ? String(read) : read;
  }

  #object(value: JsonSchema, alternatives: readonly JsonSchema[], depth: number): JsonSchema {
    const required = new Set(alternatives.flatMap(requiredOf));
    const entries = Object.entries(value).flatMap(([key, inner]) => {
      const schemas = alternatives.flatMap((each) => schemaOf(each, key));
      if (schemas.length === 0) return [[key, inner] as const];
      if (inner === null && !required.has(key) && !this.#takesNull(schemas)) return [];
      return [[key, this.value(inner, schemas, depth + 1)] as const];
    });
    return Object.fromEntries(entries);
  }

  #list(value: readonly unknown[], alternatives: readonly JsonSchema[], depth: number): unknown[] {
    const items = alternatives.flatMap(({ items: each }) => (isSchema(each) ? [each] : []));
    return items.length === 0
      ? [...value]
      : value.map((each) => this.value(each, items, depth + 1));
  }

  #takesNull(schemas: readonly unknown[]): boolean {
    const types = allowedTypes(schemas.flatMap((each) => this.#alternatives(each, 0)));
    return types === null || types.has("null");
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

function schemaOf(schema: JsonSchema, key: string): unknown[] {
  const own = propertiesOf(schema).find(([name]) => name === key);
  if (own) return [own[1]];
  return isSchema(schema.additionalProperties) ? [schema.additionalProperties] : [];
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
  if (typeof value === "object") return types.has("object");
  if (typeof value !== "number") return false;
  // An integer that a number cannot hold would become another one.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  return types.has("number") || (types.has("integer") && Number.isInteger(value));
}
