import { parseBoundedJson } from "@/lib/bounded-json";

/** What one event of a model's stream holds: JSON, some other text, or the word that the stream ends here. */
export type StreamEvent =
  | { kind: "json"; value: unknown }
  | { kind: "text"; text: string }
  | "done";

/** Of one event, in UTF-16 code units. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * Reads the events of a stream, however they are separated: some servers leave out the empty line between two events,
 * or the word `data:`, and gateways put their own words in between. Comments, names and ids of events say nothing here.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventLines {
  #rest = "";
  /** Lines of one event that are no JSON so far. */
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
    // The held lines belonged to it, or were an event of their own.
    const before = found.text === whole ? [] : this.#flush();
    this.#held = "";
    return [...before, { kind: "json", value: found.value }];
  }

  #flush(): StreamEvent[] {
    const text = this.#held;
    this.#held = "";
    if (text === "") return [];
    // Python writes these into JSON.
    const found = jsonIn(text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, "$1null"));
    return [found === null ? { kind: "text", text } : { kind: "json", value: found.value }];
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
