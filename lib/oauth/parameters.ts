import { parseBoundedJson } from "@/lib/bounded-json";

/** An OAuth endpoint's response by name. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads a response by its content, whatever its Content-Type says: JSON, or form-encoded like GitHub's
 * by default. Null: it is neither, for example a web page.
 */
export function parseParameters(body: string): Parameters | null {
  const text = body.replace(/^\ufeff/, "").trim();
  const json = parseJson(text);
  if (json !== undefined) return isParameters(json) ? json : null;
  if (!/^[^\s<>{}"=]+=[^\s<>{}"]*$/.test(text)) return null;
  return Object.fromEntries(new URLSearchParams(text));
}

/** An HTML or XML document, as sent by wrong URLs and overloaded servers. */
export function isWebPage(body: string): boolean {
  return body
    .replace(/^\ufeff/, "")
    .trimStart()
    .startsWith("<");
}

/** The text of a parameter; null if it is missing, empty or not a string. */
export function textOf(parameters: Parameters, name: string): string | null {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return typeof value === "string" && value !== "" ? value : null;
}

/** A list; null: missing or something else. Some send a single entry, or names with spaces or commas between, as a string. */
export function listOf(parameters: Parameters, name: string): readonly unknown[] | null {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (typeof value === "string" && value.trim() !== "")
    return value.split(/[\s,]+/).filter(Boolean);
  return Array.isArray(value) ? value : null;
}

/** A parameter that has its own parameters. */
export function nestedIn(parameters: Parameters, name: string): Parameters | null {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return isParameters(value) ? value : null;
}

function isParameters(value: unknown): value is Parameters {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}
