import {
  endOfObject,
  type JsonObject,
  parseBoundedJson,
  TooDeepJsonError,
  withExactIntegers,
} from "@/lib/bounded-json";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import { parseLooseObject } from "./loose-json";

/** Not JSON: the AI SDK rejects the call like any with unreadable arguments. */
const unreadable = "(nests too deep)";
const fence = /^```\w*\s*\n?([\s\S]*?)\n?```$/;

/**
 * A call's arguments as the JSON of one object. `null` and empty text mean no arguments. The object may be fenced, encoded
 * twice, in Python notation, alone in a list, or surrounded by its template's marks. Anything else is returned as it is,
 * and rejected later.
 */
export function meantArguments(text: string): string {
  const inner = fence.exec(text.trim())?.[1] ?? text;
  try {
    const value = meantValue(inner);
    if (value === null || value === "") return "{}";
    const [only, ...others] = Array.isArray(value) ? value : [];
    if (isArguments(only) && others.length === 0) return JSON.stringify(only);
    return isArguments(value) ? JSON.stringify(value) : text;
  } catch (error) {
    return error instanceof TooDeepJsonError ? unreadable : text;
  }
}

/** The same for an object with other words around it; null if its meaning is not clear. */
export function meantObject(text: string): JsonObject | null {
  try {
    return onlyObject(text);
  } catch {
    return null;
  }
}

function meantValue(text: string): unknown {
  const value = parsedValue(text);
  return typeof value === "string" && value.trim() !== "" ? parsedValue(value) : value;
}

function parsedValue(text: string): unknown {
  try {
    return parseBoundedJson(withExactIntegers(text));
  } catch (error) {
    if (error instanceof TooDeepJsonError) throw error;
    return onlyObject(withoutEntities(text));
  }
}

/** Some templates escape their output for HTML. */
function withoutEntities(text: string): string {
  if (text.includes('"') || !text.includes("&quot;")) return text;
  const plain = text.replaceAll("&quot;", '"').replaceAll("&#39;", "'");
  return plain.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** What templates leave after an object: brackets, the marks that end a call, and marks of the end. */
const leftovers = /^[\s}\]]*((<\/[\w:.-]+>|<[|｜][^<>]*[|｜]>)\s*)*$/u;

/** Servers that start over write a few objects; each one costs a pass over the rest. */
const mostObjects = 8;

/**
 * The only object in a text. An empty object or `null` beside it is ignored, as some servers begin with one, and an
 * object that is repeated counts once.
 *
 * @throws SyntaxError there is another one, or anything else
 */
function onlyObject(text: string): JsonObject {
  const objects = new Map<string, JsonObject>();
  let rest = text.trim();
  for (let count = 0; count < mostObjects && /^(\{|null\b)/.test(rest); count += 1) {
    const end = rest.startsWith("{") ? afterObject(rest) : "null".length;
    const written = rest.slice(0, end);
    const found = written === "null" ? {} : objectIn(written);
    if (Object.keys(found).length > 0) objects.set(JSON.stringify(found), found);
    rest = rest.slice(end).trimStart();
    if (leftovers.test(rest)) rest = "";
  }
  if (rest !== "" || objects.size > 1) throw new SyntaxError("More than one object");
  const [only = {}] = objects.values();
  return only;
}

function objectIn(text: string): JsonObject {
  try {
    const value = parseBoundedJson(withExactIntegers(text));
    if (isArguments(value)) return value;
  } catch (error) {
    if (error instanceof TooDeepJsonError) throw error;
  }
  return parseLooseObject(text);
}

/** In a text that begins with an object: the index after the first one, or the end of the text if nothing closes it. */
export function afterObject(text: string): number {
  const end = endOfObject(text, 0, true);
  return end === -1 ? text.length : end + 1;
}
