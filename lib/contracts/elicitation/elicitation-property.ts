import { isObject, type Json, titledIn } from "./elicitation-options";

/**
 * Generators put the choices of a field where others can refer to them, and wrap the reference. It is followed once:
 * what it leads to may not lead further.
 */
export function withoutReference(given: unknown, definitions: Json): unknown {
  if (!isObject(given)) return given;
  const [only, ...others] = Array.isArray(given.allOf) ? given.allOf : [];
  const schema = isObject(only) && others.length === 0 ? { ...only, ...given } : given;
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(textOf(schema.$ref))?.[1];
  const target = name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : {};
  const followed: Json = { ...asObject(target), ...schema };
  const { anyOf, items } = followed;
  return {
    ...followed,
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map((each) => referenced(each, definitions)) }),
    ...(isObject(items) && { items: referenced(items, definitions) }),
  };
}

function referenced(given: unknown, definitions: Json): unknown {
  return isObject(given) && typeof given.$ref === "string"
    ? withoutReference(given, definitions)
    : given;
}

export const asObject = (value: unknown): Json => (isObject(value) ? value : {});
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Types by other names. */
const usualTypes: ReadonlyMap<string, string> = new Map([
  ["bool", "boolean"],
  ["int", "integer"],
  ["float", "number"],
  ["double", "number"],
  ["str", "string"],
]);

/**
 * An optional field may say that it can be null, as generators do; no one enters null. Where a text is one of several
 * types, a text is asked for.
 */
export function withoutNull(given: Json): Json {
  const { anyOf } = given;
  const property = { ...given, type: typeIn(given.type) };
  if (!Array.isArray(anyOf)) return property;
  const types = anyOf.filter((each) => !isObject(each) || each.type !== "null");
  const [only, ...others] = types;
  if (isObject(only) && others.length === 0 && anyOf.length > 1) {
    return { ...property, anyOf: undefined, ...only, type: typeIn(only.type ?? given.type) };
  }
  const text = types.find((each) => isObject(each) && each.type === "string");
  const isUnion = isObject(text) && titledIn(property) === undefined;
  return isUnion ? { ...property, anyOf: undefined, ...text } : property;
}

/** In lower case, and the only one of a list. */
export function typeIn(given: unknown): unknown {
  const types = [given].flat().filter((each) => each !== "null");
  const [only = given, ...others] = types;
  if (others.length > 0) return types.includes("string") ? "string" : given;
  const lowerCase = typeof only === "string" ? only.toLowerCase() : "";
  return usualTypes.get(lowerCase) ?? (lowerCase || only);
}
