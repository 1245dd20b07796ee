/** Nothing that Usher reads needs deeper nesting; code that walks it recurses once per level. */
export const deepestJson = 200;

/** The text is nested too deep. No part of it was parsed. */
export class TooDeepJsonError extends SyntaxError {
  constructor() {
    super(`JSON that nests more than ${deepestJson} levels deep`);
    this.name = "TooDeepJsonError";
  }
}

/**
 * `JSON.parse` for external text. V8 parses any depth; the code that follows (serializing it again,
 * validating it against a schema, walking it) recurses until the stack overflows.
 *
 * @throws SyntaxError it is not JSON; TooDeepJsonError it is nested too deep
 */
export function parseBoundedJson(text: string): unknown {
  if (text.length > deepestJson && nestsTooDeep(text)) throw new TooDeepJsonError();
  return JSON.parse(text);
}

/** The same; null: it is not JSON, or is nested too deep. */
export function boundedJsonOrNull(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return null;
  }
}

/** In one pass; exact for valid JSON. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > deepestJson) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return false;
}

/** The index of the closing quotation mark, or the end of the text. */
export function endOfString(text: string, start: number, quote = '"'): number {
  let end = text.indexOf(quote, start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf(quote, end + 1);
  }
  return text.length;
}

/** The same for a parsed value. Without recursion. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepestJson) return true;
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== "object" || each === null) continue;
      for (const inner of Object.values(each)) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
      }
    }
    level = next;
  }
  return false;
}

/** Fewer digits are exact in JavaScript's numbers. */
const LONG = /\d{16}/;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

/**
 * The JSON with each integer that JavaScript cannot represent as a text: rounded, the identifier of a record is
 * another record's. Only for a tool's answer and its arguments: in a schema a limit has to stay a number.
 *
 * @param json valid; anything else comes back as something that is not valid either
 */
export function withExactIntegers(json: string): string {
  if (!LONG.test(json)) return json;
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 0x22) at = endOfString(json, at);
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = at;
      const [number = "", fraction, exponent] = NUMBER.exec(json) ?? [];
      const isInteger = fraction === undefined && exponent === undefined;
      if (isInteger && number !== "" && !Number.isSafeInteger(Number(number))) {
        pieces.push(json.slice(kept, at), `"${number}"`);
        kept = at + number.length;
      }
      at += Math.max(number.length, 1) - 1;
    }
  }
  return pieces.length === 0 ? json : `${pieces.join("")}${json.slice(kept)}`;
}

/** Words of Python's and JavaScript's own notation, and what they are in JSON. */
const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map([
  ["NaN", '"NaN"'],
  ["Infinity", '"Infinity"'],
  ["-Infinity", '"-Infinity"'],
  ["None", "null"],
  ["undefined", "null"],
  ["True", "true"],
  ["False", "false"],
]);
const FOREIGN_WORD = /-?[A-Za-z]+/y;
const DANGLING_COMMA = /,\s*(?=[}\]])/y;

/**
 * Turns text that is nearly JSON into JSON with the same meaning: `NaN` and the like become strings, trailing commas are
 * dropped, and line breaks inside a string are escaped. Any other text comes back unchanged, or as something else that
 * is not JSON.
 */
export function mendedJson(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  const replace = (from: number, length: number, by: string) => {
    pieces.push(text.slice(kept, from), by);
    kept = from + length;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = endOfString(text, at);
      const given = text.slice(at, end);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON does not allow in a text.
      const escaped = given.replace(/[\u0000-\u001f]/g, (each) =>
        JSON.stringify(each).slice(1, -1),
      );
      if (escaped !== given) replace(at, given.length, escaped);
      at = end;
      continue;
    }
    const pattern = character === "," ? DANGLING_COMMA : FOREIGN_WORD;
    pattern.lastIndex = at;
    const found = /[-,A-Za-z]/.test(character) ? pattern.exec(text)?.[0] : undefined;
    if (found === undefined) continue;
    const by = pattern === DANGLING_COMMA ? "" : FOREIGN_WORDS.get(found);
    if (by !== undefined) replace(at, found.length, by);
    at += found.length - 1;
  }
  return pieces.length === 0 ? text : `${pieces.join("")}${text.slice(kept)}`;
}

/** How many false starts are tried: each may cost a pass over the whole text. */
const MOST_ATTEMPTS = 20;

/**
 * Every JSON object in a text, whatever surrounds it: log lines, a PHP warning, a terminal's control codes, or other
 * objects.
 *
 * @throws TooDeepJsonError
 */
export function objectsIn(text: string): string[] {
  const found: string[] = [];
  let attempts = 0;
  for (let at = text.indexOf("{"); at !== -1 && attempts < MOST_ATTEMPTS; ) {
    const end = endOfObject(text, at);
    const json = end === -1 ? null : validJson(text.slice(at, end + 1));
    if (json === null) attempts += 1;
    else found.push(json);
    at = text.indexOf("{", json === null ? at + 1 : end + 1);
  }
  return found;
}

/**
 * The index of the bracket that closes the object that begins at `start`; -1: nothing does.
 * @param singleQuotes whether texts may be in single quotes, which elsewhere are apostrophes
 */
export function endOfObject(text: string, start: number, singleQuotes = false): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x22) at = endOfString(text, at);
    else if (singleQuotes && character === 0x27) at = endOfString(text, at, "'");
    else if (character === 0x7b) depth += 1;
    else if (character === 0x7d) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

function validJson(text: string): string | null {
  for (const json of [text, mendedJson(text)]) {
    try {
      parseBoundedJson(json);
      return json;
    } catch (error) {
      if (error instanceof TooDeepJsonError) throw error;
    }
  }
  return null;
}

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
