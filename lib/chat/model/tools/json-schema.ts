import { cutText } from "@/lib/well-formed";

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

/** As other languages and older dialects call them. */
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
  return [];
}

/** The properties that can be sent: each with a schema; `true` takes anything, `false` nothing. */
export function propertiesOf({ properties }: JsonSchema): [string, JsonSchema][] {
  if (!isSchema(properties)) return [];
  return Object.entries(properties).flatMap(([key, value]): [string, JsonSchema][] => {
    if (value === false) return [];
    return [[key, isSchema(value) ? value : {}]];
  });
}

/** Draft 3 had it as a word on each property. */
export function requiredOf(schema: JsonSchema): string[] {
  const { required } = schema;
  const listed = Array.isArray(required) ? required.filter((each) => typeof each === "string") : [];
  const marked = propertiesOf(schema).flatMap(([key, { required: own }]) =>
    own === true ? [key] : [],
  );
  return [...new Set([...listed, ...marked])];
}

/** What a reference inside of the same document means; null: nothing that is there. */
export function resolveReference(root: JsonSchema, reference: unknown): unknown {
  if (typeof reference !== "string" || !reference.startsWith("#")) return null;
  if (reference === "#") return root;
  let value: unknown = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const key = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

const longestDescription = 4_000;

export function descriptionOf({ description, title }: JsonSchema): string {
  const words = typeof description === "string" ? description : title;
  return typeof words === "string" ? cutText(words.trim(), longestDescription) : "";
}

export function described(words: string): { description?: string } {
  return words === "" ? {} : { description: words };
}
