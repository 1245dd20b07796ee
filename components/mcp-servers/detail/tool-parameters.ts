/** One argument of a tool, in words. All text is the server's own, untrusted. */
export type ToolParameter = {
  name: string;
  /** "text", "list of number", "text or null". */
  type: string;
  required: boolean;
  description: string | null;
  /** The only values it may have, as JSON; empty if it is not limited. */
  values: string[];
};

type Schema = Record<string, unknown>;

/** A server decides how large its schema is; a person reads no more than this. */
const limits = { parameters: 200, depth: 4, values: 30, text: 300 };

/**
 * The top level of a tool's input schema as rows. What it cannot put into words is called "object"
 * or "any"; the schema itself is shown beside it.
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export function toolParameters(inputSchema: Schema): ToolParameter[] {
  const properties = asSchema(inputSchema.properties);
  if (!properties) return [];
  const required = new Set(Array.isArray(inputSchema.required) ? inputSchema.required : []);
  return Object.entries(properties)
    .slice(0, limits.parameters)
    .map(([name, value]) => {
      const schema = asSchema(value) ?? {};
      return {
        name,
        type: typeWords(schema, inputSchema, limits.depth),
        required: required.has(name),
        description: typeof schema.description === "string" ? schema.description : null,
        values: valuesOf(schema),
      };
    });
}

/** A map: a type may have the same name as a property that every object has. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["integer", "whole number"],
  ["boolean", "true or false"],
]);

function typeWords(given: Schema, root: Schema, depth: number): string {
  if (depth === 0) return "any";
  const schema = resolved(given, root);
  const choices = alternativesOf(schema);
  if (choices.length > 0) {
    const words = choices.map((choice) => typeWords(choice, root, depth - 1));
    return [...new Set(words)].join(" or ");
  }
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeWords({ ...schema, type }, root, depth - 1)).join(" or ");
  }
  if (schema.type === "array") {
    const items = asSchema(schema.items);
    return items ? `list of ${typeWords(items, root, depth - 1)}` : "list";
  }
  if (typeof schema.type === "string") return cut(typeNames.get(schema.type) ?? schema.type);
  if (schema.enum !== undefined || schema.const !== undefined) return "one of";
  return schema.properties === undefined ? "any" : "object";
}

function alternativesOf(schema: Schema): Schema[] {
  const list = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(list)) return [];
  return list
    .slice(0, limits.values)
    .map(asSchema)
    .filter((each) => each !== null);
}

/** A reference within the same schema, one step. */
function resolved(schema: Schema, root: Schema): Schema {
  if (typeof schema.$ref !== "string" || !schema.$ref.startsWith("#/")) return schema;
  let target: unknown = root;
  for (const part of schema.$ref.slice(2).split("/")) {
    const parent = asSchema(target);
    target = parent && Object.hasOwn(parent, part) ? parent[part] : undefined;
  }
  return asSchema(target) ?? schema;
}

function valuesOf(schema: Schema): string[] {
  const values = Array.isArray(schema.enum)
    ? schema.enum
    : schema.const === undefined
      ? []
      : [schema.const];
  return values.slice(0, limits.values).map((value) => cut(JSON.stringify(value) ?? ""));
}

function asSchema(value: unknown): Schema | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Schema)
    : null;
}

function cut(text: string): string {
  return text.length > limits.text ? `${text.slice(0, limits.text)}…` : text;
}
