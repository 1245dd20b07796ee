import { type JsonSchema, propertiesOf, requiredOf, typesOf } from "./json-schema";

/** What holds for all of them at once: a value keyword is that of the first schema that has it. */
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

/** Any of them, as one object: every property of each, and required what each of them requires. */
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
