import { cutText } from "@/lib/untrusted-text";
import { resolveReference } from "./references";

export type JsonSchema = Record<string, unknown>;

export const jsonTypes = [
  "object",
  "array",
  "string",
  "number",
  "integer",
  "boolean",
  "null",
] as const;
export type JsonType = (typeof jsonTypes)[number];

/** Their names in other languages and older dialects. */
const otherNames: Readonly<Record<string, JsonType>> = {
  ...{ int: "integer", int32: "integer", int64: "integer", long: "integer" },
  ...{ float: "number", double: "number", decimal: "number", numeric: "number" },
  ...{ str: "string", text: "string", date: "string", datetime: "string", uuid: "string" },
  ...{ file: "string", bytes: "string", bool: "boolean", none: "null", nil: "null" },
  ...{ dict: "object", map: "object", record: "object", json: "object" },
  ...{ list: "array", tuple: "array", set: "array" },
};

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The types that a schema names, in its own order; empty: any. */
export function typesOf(schema: JsonSchema): JsonType[] {
  const named = Array.isArray(schema.type) ? schema.type : [schema.type];
  const types = named.flatMap((each): JsonType[] => {
    if (typeof each !== "string") return isSchema(each) ? typesOf(each) : [];
    const lower = each.toLowerCase();
    const known = jsonTypes.find((type) => type === lower) ?? otherNames[lower];
    return known ? [known] : [];
  });
  if (schema.nullable === true && types.length > 0) types.push("null");
  if (types.length > 0) return [...new Set(types)];
  if (isSchema(schema.properties)) return ["object"];
  if (schema.items !== undefined || Array.isArray(schema.prefixItems)) return ["array"];
  return typesOfValues(schema);
}

/** Of those that a schema without a type lists; empty if one of them is an object or a list. */
function typesOfValues(schema: JsonSchema): JsonType[] {
  const listed = Array.isArray(schema.enum) ? schema.enum : "const" in schema ? [schema.const] : [];
  const types = listed.map((value): JsonType | null => {
    if (value === null) return "null";
    if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
    return typeof value === "string" || typeof value === "boolean" ? typeOf(value) : null;
  });
  return types.includes(null) ? [] : [...new Set(types.filter((type) => type !== null))];
}

function typeOf(value: string | boolean): JsonType {
  return typeof value === "string" ? "string" : "boolean";
}

/** The properties that can be sent: each with a schema; `true` accepts anything, `false` nothing. */
export function propertiesOf({ properties }: JsonSchema): [string, JsonSchema][] {
  if (!isSchema(properties)) return [];
  return Object.entries(properties).flatMap(([key, value]): [string, JsonSchema][] => {
    if (value === false) return [];
    return [[key, isSchema(value) ? value : {}]];
  });
}

/** What applies to properties that are not listed, whatever their names match. */
export function restOf({ patternProperties, additionalProperties: rest }: JsonSchema): unknown {
  const [matching] = isSchema(patternProperties) ? Object.values(patternProperties) : [];
  return isSchema(rest) ? rest : (matching ?? rest);
}

/** In draft 3 it was a keyword on each property. */
export function requiredOf(schema: JsonSchema): string[] {
  const { required } = schema;
  const listed = Array.isArray(required) ? required.filter((each) => typeof each === "string") : [];
  const marked = propertiesOf(schema).flatMap(([key, { required: own }]) =>
    own === true ? [key] : [],
  );
  return [...new Set([...listed, ...marked])];
}

const longestDescription = 4_000;

export function descriptionOf({ description, title }: JsonSchema): string {
  const words = typeof description === "string" ? description : title;
  return typeof words === "string" ? cutText(words.trim(), longestDescription) : "";
}

export function described(words: string): { description?: string } {
  return words === "" ? {} : { description: words };
}

/** What applies to all of them at once: a value keyword comes from the first schema that has it. */
export function mergeAll(schemas: readonly JsonSchema[]): JsonSchema {
  const [first = {}, ...others] = schemas;
  if (others.length === 0) return first;
  const merged: JsonSchema = {};
  for (const schema of schemas) {
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined || value === null) continue;
      if (!Object.hasOwn(merged, keyword)) merged[keyword] = value;
    }
  }
  const properties = mergedProperties(schemas, (both) => ({ allOf: both }));
  const required = [...new Set(schemas.flatMap(requiredOf))];
  return {
    ...merged,
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** Any of them, as one object: every property of each, required if each of them requires it. */
export function mergeAlternatives(
  schema: JsonSchema,
  alternatives: readonly JsonSchema[],
): JsonSchema {
  const { anyOf: _, ...own } = schema;
  const objects = alternatives.filter((each) => {
    const types = typesOf(each);
    return types.length === 0 || types.includes("object");
  });
  const properties = mergedProperties([own, ...objects], (both) => ({ anyOf: both }));
  const [first, ...others] = objects.map(requiredOf);
  const always = (first ?? []).filter((key) => others.every((each) => each.includes(key)));
  const description = typeof own.description === "string" ? own.description : "";
  const choice = choiceInWords(objects.map(requiredOf), always);
  return {
    ...own,
    type: "object",
    description: [description, choice].filter(Boolean).join(" "),
    properties: Object.fromEntries(properties),
    required: [...new Set([...requiredOf(own), ...always])],
  };
}

function mergedProperties(
  schemas: readonly JsonSchema[],
  join: (both: JsonSchema[]) => JsonSchema,
): [string, JsonSchema][] {
  const found = new Map<string, JsonSchema[]>();
  for (const [key, value] of schemas.flatMap(propertiesOf)) {
    const known = found.get(key) ?? [];
    const isNews = !known.some((each) => JSON.stringify(each) === JSON.stringify(value));
    if (isNews) found.set(key, [...known, value]);
  }
  return [...found].map(([key, values]) => {
    const [only = {}, ...others] = values;
    return [key, others.length === 0 ? only : join(values)];
  });
}

const mostWords = 300;

function choiceInWords(required: readonly string[][], always: readonly string[]): string {
  const choices = required
    .map((keys) => keys.filter((key) => !always.includes(key)).join(" and "))
    .filter((each) => each !== "");
  const different = [...new Set(choices)];
  const words = `Give one of: ${different.join("; ")}.`;
  return different.length > 1 && words.length <= mostWords ? words : "";
}

/** Generators write an alternative that nothing fits for what may be missing. */
export function isPossible(schema: unknown): boolean {
  if (schema === false) return false;
  const never = isSchema(schema) ? schema.not : undefined;
  return never !== true && !(isSchema(never) && Object.keys(never).length === 0);
}

/** For inlining references and joining their targets, which can grow without end. */
const mostSteps = 10_000;
const deepest = 20;

/** The parts of one schema, each with everything that applies to it in one place. */
export class JoinedSchemas {
  readonly #root: JsonSchema;
  #steps = 0;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  /** Without references and without keywords that join or choose, except for one list of alternatives. */
  plain(schema: unknown, seen: readonly unknown[] = []): JsonSchema {
    this.#steps += 1;
    if (!isSchema(schema) || seen.length > deepest || this.#steps > mostSteps) return {};
    const reference = schema.$ref ?? schema.$dynamicRef ?? schema.$recursiveRef;
    if (reference !== undefined) {
      const { $ref: _, $dynamicRef: __, $recursiveRef: ___, ...beside } = schema;
      const target = resolveReference(this.#root, reference);
      if (seen.includes(target)) return this.plain(beside, [...seen, schema]);
      return mergeAll([
        this.plain(target, [...seen, target]),
        this.plain(beside, [...seen, schema]),
      ]);
    }
    const { allOf, if: _, then: yes, else: no, not: __, oneOf, ...own } = schema;
    const joined = Array.isArray(allOf)
      ? allOf.map((each) => this.plain(each, [...seen, schema]))
      : [];
    // What applies only in one case may be sent, but need not be.
    const cases = [yes, no].flatMap((each) =>
      isSchema(each) ? [{ properties: this.plain(each, [...seen, schema]).properties }] : [],
    );
    const whole = mergeAll([own, ...joined, ...cases]);
    if (!Array.isArray(oneOf)) return whole;
    const anyOf = Array.isArray(whole.anyOf) ? [...whole.anyOf, ...oneOf] : oneOf;
    return { ...whole, anyOf };
  }
}
