type Json = Record<string, unknown>;

const indent = "  ";

/** A JSON Schema in the short form in which people read types, such as `{ name: string; tags?: string[] }`. */
export function shapeOf(schema: unknown, depth = 0): string {
  const { type, enum: values, const: constant, anyOf, oneOf, items, properties } = schema as Json;
  const choices = (anyOf ?? oneOf) as unknown[] | undefined;
  if (choices) return [...new Set(choices.map((each) => shapeOf(each, depth)))].join(" | ");
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return values.map((each) => JSON.stringify(each)).join(" | ");
  if (type === "array") {
    const inner = shapeOf(items ?? {}, depth);
    return / \| /.test(inner) && !inner.startsWith("{") ? `(${inner})[]` : `${inner}[]`;
  }
  if (type === "object") return objectShape(schema as Json, (properties ?? {}) as Json, depth);
  if (Array.isArray(type)) return type.join(" | ");
  return typeof type === "string" ? type : "any";
}

function objectShape(schema: Json, properties: Json, depth: number): string {
  const required = new Set((schema.required ?? []) as string[]);
  const pad = indent.repeat(depth + 1);
  const lines = Object.entries(properties).map(
    ([name, inner]) =>
      `${pad}${name}${required.has(name) ? "" : "?"}: ${shapeOf(inner, depth + 1)};`,
  );
  if (lines.length > 0) return `{\n${lines.join("\n")}\n${indent.repeat(depth)}}`;
  const { additionalProperties } = schema;
  if (typeof additionalProperties !== "object") return "object";
  return `{ [name: string]: ${shapeOf(additionalProperties, depth)} }`;
}
