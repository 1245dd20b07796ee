export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `null` where a text may be absent is absent, and so is anything that is no text. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
