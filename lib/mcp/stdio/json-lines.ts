import { objectsIn, TooDeepJsonError } from "@/lib/bounded-json";

/** One line may contain a whole answer, and so may several together. */
const MAX_BYTES = 16 * 1024 * 1024;
/** How long nothing may follow a closing bracket until what came counts as a line, in ms. */
const QUIET_MS = 100;
/** How often a message may seem complete and not be; each time all of it is read. */
const MOST_TRIES = 50;
const LINE_END = 0x0a;
const CLOSING_BRACKET = 0x7d;
/** A bracket alone, or an object that begins with a name. */
const BEGINS_MESSAGE = /^[{[]\s*("[^"]*"\s*:|$)/;

/**
 * The messages in what a program writes. By the specification each is one line. Some programs write a message over
 * several lines, without a line end, or behind other text on its line.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
export class JsonLines {
  readonly #onText: (text: string) => void;
  readonly #onWords: (words: string) => void;
  /** The line that has not ended. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Lines of a message that is not complete. */
  #open: string[] = [];
  #openLength = 0;
  #tries = 0;
  #quiet: NodeJS.Timeout | undefined;

  /**
   * @param onText called with the text around at least one message
   * @param onWords called with a line that has none
   */
  constructor(onText: (text: string) => void, onWords: (words: string) => void = () => {}) {
    this.#onText = onText;
    this.#onWords = onWords;
  }

  /** False: a line is longer than any message. */
  take(chunk: Buffer): boolean {
    clearTimeout(this.#quiet);
    let from = 0;
    for (let at = chunk.indexOf(LINE_END); at !== -1; at = chunk.indexOf(LINE_END, from)) {
      this.#rest.push(chunk.subarray(from, at));
      this.#readLine(this.#takeRest());
      from = at + 1;
    }
    this.#rest.push(chunk.subarray(from));
    this.#restBytes += chunk.length - from;
    if (chunk.at(-1) === CLOSING_BRACKET) {
      this.#quiet = setTimeout(() => this.#readUnended(), QUIET_MS).unref();
    }
    return this.#restBytes <= MAX_BYTES;
  }

  /** Nothing follows. */
  end(): void {
    clearTimeout(this.#quiet);
    if (this.#restBytes > 0) this.#readLine(this.#takeRest());
  }

  #takeRest(): string {
    const text = Buffer.concat(this.#rest).toString("utf8");
    this.#rest = [];
    this.#restBytes = 0;
    return text;
  }

  #readUnended(): void {
    const text = Buffer.concat(this.#rest).toString("utf8");
    const isMessage = hasMessage(text) || hasMessage([...this.#open, text].join("\n"));
    if (isMessage) this.#readLine(this.#takeRest());
  }

  #readLine(given: string): void {
    const line = given.trim();
    if (this.#open.length > 0) {
      this.#addToOpen(given.trimEnd());
      return;
    }
    const isOpen = BEGINS_MESSAGE.test(line) && !closes(line) && !hasMessage(line);
    // A banner, a log line: without an object there is no message.
    if (!line.includes("{") && line !== "[") this.#onWords(line);
    else if (isOpen) this.#addToOpen(line);
    else this.#onText(line);
  }

  /** Until it is complete, or until a line that is a message of its own. */
  #addToOpen(line: string): void {
    this.#open.push(line);
    this.#openLength += line.length;
    const isOwn = this.#open.length > 1 && line.includes('"jsonrpc"') && hasMessage(line);
    // A bracket that closes something inside of a message is indented.
    const mayBeLast = !isOwn && /^\S/.test(line) && closes(line);
    if (mayBeLast) this.#tries += 1;
    const whole = mayBeLast ? this.#open.join("\n") : "";
    const isWhole = mayBeLast && hasMessage(whole);
    if (isOwn) this.#onText(line);
    else if (isWhole) this.#onText(whole);
    else if (this.#openLength <= MAX_BYTES && this.#tries < MOST_TRIES) return;
    this.#open = [];
    this.#openLength = 0;
    this.#tries = 0;
  }
}

function hasMessage(text: string): boolean {
  try {
    return objectsIn(text).some((json) => json.includes('"jsonrpc"'));
  } catch (error) {
    return error instanceof TooDeepJsonError;
  }
}

function closes(line: string): boolean {
  return line.endsWith("}") || line.endsWith("]");
}
