import { objectsIn, parseBoundedJson } from "@/lib/bounded-json";

/** An OAuth endpoint's response by name. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads a response by its content, whatever its Content-Type says: JSON, or form-encoded like GitHub's
 * by default. Null: it is neither, for example a web page.
 */
export function parseParameters(body: string): Parameters | null {
  const text = body.replace(/^[\ufeff\0\s]+|[\0\s]+$/g, "");
  const json = parseJson(text);
  // Gateways encode a function's JSON once more, and some wrap their only answer in a list.
  const inside = typeof json === "string" ? parseJson(json) : json;
  const [only, ...others] = Array.isArray(inside) ? inside : [inside];
  if (isParameters(only) && others.length === 0) return only;
  if (json !== undefined || isPage(text)) return null;
  return FORM.test(text) ? Object.fromEntries(new URLSearchParams(text)) : jsonInside(text);
}

/** A form's names and values; with spaces and the like, which should have been encoded, only where it is clear. */
const FORM = /^[?&]?[^\s<>{}"=&]+=[^\s<>{}"]*$|^[?&]?(access_token|error)=[^<>\r\n]+$/;

/** An HTML or XML document, as sent by wrong URLs and overloaded servers. */
export function isWebPage(body: string): boolean {
  const text = body.replace(/^\ufeff/, "").trimStart();
  return text.startsWith("<") && (isPage(text) || jsonInside(text) === null);
}

/** The scripts in a firewall's page may contain JSON, too. */
function isPage(text: string): boolean {
  return /^\s*<(?!br\b|b>)|<(!doctype|html|head|body|script)\b/i.test(text);
}

/** The one object in a text that is JSON but for what is around it: PHP's warnings, a callback, trailing commas. */
function jsonInside(text: string): Parameters | null {
  try {
    const [only, ...others] = objectsIn(text);
    const json = only === undefined || others.length > 0 ? null : parseJson(only);
    return isParameters(json) ? json : null;
  } catch {
    return null;
  }
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

export function isParameters(value: unknown): value is Parameters {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}
