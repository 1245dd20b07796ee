export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** `null` for an optional string counts as absent, and so does anything that is not a string. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
