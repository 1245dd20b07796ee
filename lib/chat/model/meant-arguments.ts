import {
  endOfObject,
  endOfString,
  type JsonObject,
  parseBoundedJson,
  TooDeepJsonError,
  withExactIntegers,
} from "@/lib/bounded-json";
import { isArguments } from "@/lib/chat/tool-calls/run-tool-call";
import { parseLooseObject } from "./loose-json";

/** Not JSON: the AI SDK rejects the call like any with unreadable arguments. */
const unreadable = "(nests too deep)";
/** Of code, also if one of its ends is lost. */
const fence = /^(?:```(?:\w*\s*\n)?|`)?([\s\S]*?)\n?`{0,3}$/;

/**
 * A call's arguments as the JSON of one object. `null` and empty text mean no arguments. The object may be fenced, encoded
 * more than once, in Python notation, alone in a list, or surrounded by its template's marks. Anything else is returned as it is,
 * and rejected later.
 */
export function meantArguments(text: string): string {
  // Some servers end a text with it.
  const plain = text.replaceAll("\0", "").trim();
  const inner = fence.exec(plain)?.[1] ?? plain;
  try {
    const value = meantValue(inner);
    if (value === null || value === "") return "{}";
    // PHP writes an empty object as a list.
    const [only = {}, ...others] = Array.isArray(value) ? value : [null];
    if (isArguments(only) && others.length === 0) return JSON.stringify(only);
    return isArguments(value) ? JSON.stringify(value) : text;
  } catch (error) {
    return error instanceof TooDeepJsonError ? unreadable : text;
  }
}

/** A call that was passed on twice. */
const mostEncodings = 3;

/** The same for an object with other words around it; null if its meaning is not clear. */
export function meantObject(text: string): JsonObject | null {
  try {
    return onlyObject(text);
  } catch {
    return null;
  }
}

function meantValue(text: string): unknown {
  let value = parsedValue(text);
  for (let times = 1; times < mostEncodings; times += 1) {
    if (typeof value !== "string" || value.trim() === "") break;
    value = parsedValue(value);
  }
  return value;
}

function parsedValue(text: string): unknown {
  try {
    return parseBoundedJson(withExactIntegers(text));
  } catch (error) {
    if (error instanceof TooDeepJsonError) throw error;
    return lastSnapshot(text) ?? onlyObject(withoutEntities(text));
  }
}

/** Tries to read a snapshot, and places where one may begin. */
const mostSnapshots = 60;
const mostBeginnings = 2_000;

/**
 * What arguments became of which each piece repeated all before it, as `{"a{"a":1{"a":1}`: the last object, if everything
 * before it is beginnings of it, each at least as long as the one before. Null for any other text, and for an object that
 * may just lack its end.
 */
function lastSnapshot(text: string): JsonObject | null {
  const starts = [...text.matchAll(/\{/g)].map(({ index }) => index);
  if (starts[0] !== 0 || starts.length < 2 || starts.length > mostBeginnings) return null;
  for (const start of starts.slice(1).toReversed().slice(0, mostSnapshots)) {
    const last = text.slice(start);
    const found = objectOrNull(last);
    if (found && areBeginnings(text.slice(0, start), last, starts)) {
      return objectOrNull(text + closersOf(text)) === null ? found : null;
    }
  }
  return null;
}

function areBeginnings(before: string, last: string, starts: readonly number[]): boolean {
  const isBeginning = (from: number, to: number) =>
    to - from <= last.length && last.startsWith(before.slice(from, to));
  // By where a snapshot ends: the shortest that can end there.
  const shortest = new Map<number, number>([[0, 0]]);
  for (const end of [
    ...starts.filter((start) => start > 0 && start < before.length),
    before.length,
  ]) {
    for (const [from, length] of shortest) {
      if (end - from < length || !isBeginning(from, end)) continue;
      shortest.set(end, Math.min(shortest.get(end) ?? end, end - from));
    }
  }
  return shortest.has(before.length);
}

/** What would end each string, list and object that a text leaves open. */
function closersOf(text: string): string {
  const open: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const each = text.charAt(at);
    if (each === '"') {
      at = endOfString(text, at);
      if (at >= text.length) open.push('"');
    } else if (each === "{" || each === "[") open.push(each === "{" ? "}" : "]");
    else if (each === "}" || each === "]") open.pop();
  }
  return open.toReversed().join("");
}

function objectOrNull(text: string): JsonObject | null {
  try {
    const value = parseBoundedJson(withExactIntegers(text));
    return isArguments(value) ? value : null;
  } catch {
    return null;
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
