import { deepestJson, type JsonObject } from "@/lib/bounded-json";

const words: Readonly<Record<string, unknown>> = {
  ...{ true: true, True: true, false: false, False: false },
  ...{ null: null, None: null, undefined: null },
};

const escapes: Readonly<Record<string, string>> = {
  ...{ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" },
  ...{ "/": "/", "\\": "\\", '"': '"', "'": "'" },
};

const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'" };
const number = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const word = /[A-Za-z_$][\w$]*/y;
const blanks = /\s*/y;

/**
 * Reads an object in the Python or JavaScript notation that some models write: single-quoted strings, `None` and `True`,
 * unquoted keys, a trailing comma, line breaks in a string. It must be complete and have a single meaning: a backslash
 * that starts no known escape may belong to a path, so it is refused. An integer too large for a number becomes a string.
 *
 * @throws SyntaxError it is anything else
 */
export function parseLooseObject(text: string): JsonObject {
  const reader = new LooseReader(text);
  return reader.whole();
}

/** The same for a call's arguments as Python writes them: `(a=1, b="x")`. @throws SyntaxError */
export function parseLooseArguments(text: string): JsonObject {
  return new LooseReader(text, { begin: "(", end: ")", is: "=" }).whole();
}

const inBraces = { begin: "{", end: "}", is: ":" };

class LooseReader {
  readonly #text: string;
  readonly #marks: typeof inBraces;
  #at = 0;

  constructor(text: string, marks = inBraces) {
    this.#text = text;
    this.#marks = marks;
  }

  whole(): JsonObject {
    this.#skip();
    if (this.#next() !== this.#marks.begin) throw this.#error();
    const found = this.#object(1, this.#marks);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#error();
    return found;
  }

  #value(depth: number): unknown {
    if (depth > deepestJson) throw this.#error();
    const next = this.#next();
    if (next === "{") return this.#object(depth);
    if (next === "[") return this.#list(depth);
    if (Object.hasOwn(quotes, next)) return this.#string();
    const digits = this.#match(number);
    if (digits !== null) {
      const isInteger = /^-?\d+$/.test(digits);
      return isInteger && !Number.isSafeInteger(Number(digits)) ? digits : Number(digits);
    }
    const name = this.#match(word);
    if (name === null || !Object.hasOwn(words, name)) throw this.#error();
    return words[name];
  }

  #object(depth: number, { end, is } = inBraces): JsonObject {
    const entries: [string, unknown][] = [];
    this.#members(end, () => {
      const key = Object.hasOwn(quotes, this.#next()) ? this.#string() : this.#match(word);
      this.#skip();
      if (key === null || this.#next() !== is) throw this.#error();
      this.#at += 1;
      this.#skip();
      entries.push([key, this.#value(depth + 1)]);
    });
    return Object.fromEntries(entries);
  }

  #list(depth: number): unknown[] {
    const values: unknown[] = [];
    this.#members("]", () => values.push(this.#value(depth + 1)));
    return values;
  }

  #members(end: string, member: () => unknown): void {
    this.#at += 1;
    this.#skip();
    while (this.#next() !== end) {
      member();
      this.#skip();
      if (this.#next() === ",") {
        this.#at += 1;
        this.#skip();
      } else if (this.#next() !== end) throw this.#error();
    }
    this.#at += 1;
  }

  #string(): string {
    const quote = this.#next();
    let read = "";
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const each = this.#next();
      if (each === quote) {
        this.#at += 1;
        return read;
      }
      read += each === "\\" ? this.#escape() : each;
    }
    throw this.#error();
  }

  #escape(): string {
    this.#at += 1;
    const each = this.#next();
    if (Object.hasOwn(escapes, each)) return escapes[each] ?? "";
    const [digits] = /^u[0-9a-fA-F]{4}/.exec(this.#text.slice(this.#at, this.#at + 5)) ?? [];
    if (digits === undefined) throw this.#error();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits.slice(1), 16));
  }

  #next(): string {
    return this.#text.charAt(this.#at);
  }

  #skip(): void {
    this.#match(blanks);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #error(): SyntaxError {
    return new SyntaxError(`Not an object with a single meaning (at ${this.#at})`);
  }
}
