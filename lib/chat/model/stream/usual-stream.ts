import { fieldsOf, isJsonObject, type JsonObject, parseBoundedJson } from "@/lib/bounded-json";
import { isFailureText, type UsualEvents } from "./usual-events";

/** How the events of an API are read. */
export type StreamApi = {
  /** Recognizes usual events, which pass unread; null: every event is read. */
  usual: UsualChunks | null;
  /** For one answer. */
  reader: () => UsualEvents;
};

type Bytes = Uint8Array<ArrayBuffer>;
type StreamEvent = { json: unknown; text: string } | { text: string } | "done";

const ended = { done: true, value: undefined } as const;

/**
 * A model's stream in the form that the AI SDK's package reads. Usual events pass unchanged; from the first unusual one on,
 * every event is read.
 *
 * @param begun events that come first
 */
export function usualStream(
  body: ReadableStream<Bytes>,
  { usual, reader: make }: StreamApi,
  begun: readonly object[] = [],
): Response {
  const bytes = body.getReader();
  const lines = new EventLines();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let reader: UsualEvents | null = null;
  let isDone = false;
  const others = (): UsualEvents => {
    if (reader !== null) return reader;
    reader = make();
    for (const chunk of usual?.kept ?? []) reader.read(chunk);
    return reader;
  };
  const read = (event: StreamEvent): string[] => {
    if (isDone) return [];
    if (event === "done") {
      isDone = true;
      return reader === null && usual?.isFinished ? [] : others().done().map(toText);
    }
    if (!("json" in event)) {
      return isFailureText(event.text) ? others().read({ error: event.text }).map(toText) : [];
    }
    const isOneLine = !event.text.includes("\n");
    if (reader === null && isOneLine && usual?.takes(event.json)) return [event.text];
    return others().read(event.json).map(toText);
  };
  const isOver = () => (reader === null ? usual?.isFinished : reader.isOver) === true;
  const stream = new ReadableStream<Bytes>({
    start(controller) {
      if (begun.length > 0) controller.enqueue(encoder.encode(toStream(begun.map(toText))));
    },
    async pull(controller) {
      for (;;) {
        const { done, value } = await bytes.read().catch((error: unknown) => {
          // The answer is complete, so a broken connection does not matter.
          if (isOver()) return ended;
          throw error;
        });
        const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
        const found = [...lines.read(text), ...(done ? lines.end() : [])].flatMap(read);
        if (found.length > 0) controller.enqueue(encoder.encode(toStream(found)));
        if (done) controller.close();
        if (done || found.length > 0) return;
      }
    },
    cancel: (reason) => bytes.cancel(reason),
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

function toText(event: object): string {
  return JSON.stringify(event);
}

function toStream(events: readonly string[]): string {
  return events.map((text) => `data: ${text}\n\n`).join("");
}

/** Of one event, in UTF-16 code units. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * Reads the events of a stream, however they are separated: some servers omit the blank line between events, or `data:`,
 * and gateways insert their own text. Comments, event names and ids are ignored.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
class EventLines {
  #rest = "";
  /** Lines of one event that are not JSON yet. */
  #held = "";
  #isFirst = true;

  /** @throws Error an event is longer than any answer */
  read(text: string): StreamEvent[] {
    const all = this.#rest + (this.#isFirst ? text.replace(/^\ufeff/, "") : text);
    if (text !== "") this.#isFirst = false;
    // A carriage return at the end may be the first half of a line end.
    const complete = /^[\s\S]*(?:\n|\r(?!$))/.exec(all)?.[0] ?? "";
    this.#rest = all.slice(complete.length);
    if (this.#rest.length + this.#held.length > mostCharacters) {
      throw new Error("An event of the model's stream is too long.");
    }
    if (complete === "") return [];
    const lines = complete.split(/\r\n|\n|\r/);
    // What follows the last line end belongs to the rest.
    lines.pop();
    return lines.flatMap((line) => this.#line(line));
  }

  end(): StreamEvent[] {
    const last = this.#rest;
    this.#rest = "";
    return [...this.#line(last), ...this.#flush()];
  }

  #line(line: string): StreamEvent[] {
    if (line === "") return this.#flush();
    if (/^(:|(event|id|retry)\s*(:|$))/.test(line)) return [];
    const value = line.replace(/^data\s*(:|$)/, "").trim();
    if (value === "") return [];
    if (/^["']?\[done\]["']?$/i.test(value)) return [...this.#flush(), "done"];
    const whole = this.#held === "" ? value : `${this.#held}\n${value}`;
    const found = jsonIn(whole) ?? (this.#held === "" ? null : jsonIn(value));
    if (found === null) {
      this.#held = whole;
      return [];
    }
    // The held lines were part of this event, or a separate one.
    const before = found.text === whole ? [] : this.#flush();
    this.#held = "";
    return [...before, { json: found.value, text: found.text }];
  }

  #flush(): StreamEvent[] {
    const text = this.#held;
    this.#held = "";
    if (text === "") return [];
    // Python writes these into JSON.
    const found = jsonIn(text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, "$1null"));
    return [found === null ? { text } : { json: found.value, text: found.text }];
  }
}

function jsonIn(text: string): { text: string; value: unknown } | null {
  if (!/[}\]"\w]$/.test(text)) return null;
  try {
    return { text, value: parseBoundedJson(text) };
  } catch {
    return null;
  }
}

/** Absent, or of OpenAI's type. */
const is = (value: unknown, type: "string" | "number") =>
  value === undefined || value === null || typeof value === type;

/** Recognizes Chat Completions chunks whose fields all have OpenAI's types, so that nothing in them can be misread. */
export class UsualChunks {
  isFinished = false;
  /** Chunks that a later reader must know about. */
  readonly kept: unknown[] = [];
  #calls = 0;
  #wrote = false;

  takes(chunk: unknown): boolean {
    const { id, created, model, choices, error, usage } = fieldsOf(chunk);
    const isPlain = is(id, "string") && is(created, "number") && is(model, "string");
    // The package takes a chunk with the field for a failure, also if it is null.
    if (error !== undefined || !isPlain || !Array.isArray(choices)) return false;
    if (!isUsualUsage(usage)) return false;
    const [first, ...others] = choices.map(fieldsOf);
    if (first === undefined) return typeof usage === "object" && usage !== null;
    return others.length === 0 && this.#takesChoice(first, chunk);
  }

  #takesChoice(choice: JsonObject, chunk: unknown): boolean {
    const { index, delta, finish_reason: reason, message, text, error } = choice;
    const { role, content, refusal, tool_calls: calls, function_call: called } = fieldsOf(delta);
    const isPlain = is(content, "string") && is(refusal, "string") && is(reason, "string");
    const isOther = index !== 0 || message || text || error || called;
    if (reason === "" || reason === "null" || !isJsonObject(delta ?? {})) return false;
    const isAssistant = !role || role === "assistant";
    if (!isPlain || isOther || !isAssistant || !hasUsualReasoning(fieldsOf(delta))) return false;
    const pieces = calls ?? [];
    if (!Array.isArray(pieces)) return false;
    if (!pieces.every((piece) => this.#takesPiece(fieldsOf(piece)))) return false;
    if (pieces.length > 0 || reason || (content && !this.#wrote)) this.kept.push(chunk);
    this.#wrote ||= Boolean(content);
    this.isFinished ||= Boolean(reason);
    return true;
  }

  /** Only the first piece of a call has its id and name. */
  #takesPiece({ index, id, function: given, extra_content: extra }: JsonObject): boolean {
    const { name, arguments: args } = fieldsOf(given);
    const isPlain = Number.isInteger(index) && is(args, "string") && !extra;
    if (!isPlain || typeof given !== "object" || given === null) return false;
    if (Number(index) < this.#calls) return !id && !name;
    if (index !== this.#calls || !isFilled(id) || !isFilled(name)) return false;
    this.#calls += 1;
    return true;
  }
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

/** Counts, or details made of counts. */
function isUsualUsage(usage: unknown): boolean {
  const isCounts = (value: unknown) =>
    isJsonObject(value) && Object.values(value).every((count) => is(count, "number"));
  const counts = Object.values(fieldsOf(usage ?? {}));
  return isJsonObject(usage ?? {}) && counts.every((each) => is(each, "number") || isCounts(each));
}

function hasUsualReasoning({
  reasoning_content: content,
  reasoning,
  ...delta
}: JsonObject): boolean {
  const { reasoning_text: text, thinking, reasoning_details: details } = delta;
  const isTold = Boolean(content ?? reasoning) || !details;
  return is(content, "string") && is(reasoning, "string") && !text && !thinking && isTold;
}
