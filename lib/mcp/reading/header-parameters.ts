import { isJsonObject } from "@/lib/bounded-json";

const keyword = "x-mcp-header";
/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const types: ReadonlySet<unknown> = new Set(["string", "integer", "boolean"]);

/**
 * Why a tool whose arguments also have to travel in headers cannot be offered; null: it can. A client of
 * Streamable HTTP leaves such a tool out.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports — `x-mcp-header`
 */
export function headerProblem(inputSchema: unknown): string | null {
  const names = new Set<string>();
  return problemIn(inputSchema, { direct: true, top: true, names })
    ? `Its "${keyword}" is not as MCP has it.`
    : null;
}

type Place = {
  /** Reachable by `properties` alone, so that everyone finds the same value. */
  direct: boolean;
  top: boolean;
  names: Set<string>;
};

function problemIn(schema: unknown, { direct, top, names }: Place): boolean {
  if (Array.isArray(schema)) {
    return schema.some((each) => problemIn(each, { direct: false, top: false, names }));
  }
  if (!isJsonObject(schema)) return false;
  if (keyword in schema) {
    const name = schema[keyword];
    const usable = typeof name === "string" && token.test(name) && types.has(schema.type);
    if (!direct || top || !usable || names.has(name.toLowerCase())) return true;
    names.add(name.toLowerCase());
  }
  return Object.entries(schema).some(([word, value]) => {
    if (word === "properties" && isJsonObject(value)) {
      return Object.values(value).some((each) => problemIn(each, { direct, top: false, names }));
    }
    if (!subschemas.has(word)) return false;
    const inner = isJsonObject(value) && maps.has(word) ? Object.values(value) : value;
    return problemIn(Array.isArray(inner) ? inner : [inner], { direct: false, top: false, names });
  });
}

const maps: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "patternProperties",
  "dependentSchemas",
]);
const subschemas: ReadonlySet<string> = new Set([
  ...maps,
  ...["items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties"],
  ...["unevaluatedItems", "propertyNames", "anyOf", "oneOf", "allOf", "not", "if", "then", "else"],
]);
