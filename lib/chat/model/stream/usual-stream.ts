import { setTimeout as delay } from "node:timers/promises";
import { fieldsOf, parseBoundedJson } from "@/lib/bounded-json";
import { gather } from "@/lib/chat/model/answer-stream";
import { streamHeader } from "@/lib/chat/model/provider-words";
import type { UsualChunks } from "./usual-chunks";
import { isFailureText, type Piece, type UsualEvents } from "./usual-events";

/** How the events of an API are read. */
export type StreamApi = {
  /** Recognizes usual events, which pass unread; null: every event is read. */
  usual: UsualChunks | null;
  /** For one answer. */
  reader: () => UsualEvents;
  /** Of an event in the form that its package reads. */
  pieceOf: (event: object) => Piece | null;
};

type StreamEvent = { json: unknown; text: string } | { text: string } | "done";
type Bytes = Uint8Array<ArrayBuffer>;
/** An event as it is passed on. A piece that was merged has no text yet. */
type Written = { text: string; piece: Piece | null } | { text: null; piece: Piece };

const ended = { done: true, value: undefined } as const;
/** For what may follow an answer that said why it ended, such as its usage, in ms: some servers never close. */
const restMs = 2_000;

/**
 * A model's stream in the form that the AI SDK's package reads. Usual events pass unchanged; from the first unusual one on,
 * every event is read. Pieces of text that arrive in quick succession are merged: each costs the package more than all else.
 *
 * @param begun events that come first
 */
export function usualStream(
  body: ReadableStream<Bytes>,
  api: StreamApi,
  begun: readonly object[] = [],
): Response {
  const bytes = body.getReader();
  const lines = new EventLines();
  const decoder = new TextDecoder();
  const events = new AnswerEvents(api);
  const found = begun.map((event) => events.written(event));
  let isEnded = false;
  let rest: Promise<typeof ended> | null = null;
  const source = {
    async read() {
      for (let at = found.shift(); ; at = found.shift()) {
        if (at !== undefined) return { done: false, value: at } as const;
        if (isEnded) return ended;
        if (events.isOver) rest ??= delay(restMs, ended, { ref: false });
        const next = bytes.read().catch((error: unknown) => {
          // The answer is complete, so a broken connection does not matter.
          if (events.isOver) return ended;
          throw error;
        });
        const { done, value } = await (rest === null ? next : Promise.race([next, rest]));
        const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
        const all = [...lines.read(text), ...(done ? lines.end() : [])];
        found.push(...all.flatMap((event) => events.read(event)));
        if (done) found.push(...events.end());
        isEnded = done || events.isDone;
        if (isEnded) bytes.cancel().catch(() => {});
      }
    },
    cancel: (reason: unknown) => bytes.cancel(reason),
  };
  const encoder = new TextEncoder();
  const encode = new TransformStream<Written, Bytes>({
    transform(event, to) {
      const text = event.text ?? JSON.stringify(event.piece.event(event.piece.text));
      to.enqueue(encoder.encode(`data: ${text}\n\n`));
    },
  });
  const stream = gather(source, { isDelta: ({ piece }) => piece !== null, join }).pipeThrough(
    encode,
  );
  const headers = { "content-type": "text/event-stream", [streamHeader]: "read" };
  return new Response(stream, { headers });
}

class AnswerEvents {
  readonly #api: StreamApi;
  /** Null as long as all events are usual. */
  #reader: UsualEvents | null = null;
  /** The stream said that nothing follows. */
  isDone = false;

  constructor(api: StreamApi) {
    this.#api = api;
  }

  get isOver(): boolean {
    return (this.#reader ?? { isOver: this.#api.usual?.isOver }).isOver === true;
  }

  read(event: StreamEvent): Written[] {
    const { usual } = this.#api;
    if (this.isDone) return [];
    if (event === "done") {
      this.isDone = true;
      return this.#reader === null && usual?.isFinished ? [] : this.#all(this.#others().done());
    }
    if (!("json" in event)) {
      const { text: error } = event;
      return isFailureText(error) ? this.#all(this.#others().read({ error })) : [];
    }
    const { json, text } = event;
    if (this.#reader === null && !text.includes("\n") && usual?.takes(json)) {
      return [{ text, piece: this.#api.pieceOf(fieldsOf(json)) }];
    }
    return this.#all(this.#others().read(json));
  }

  /** What an answer that said why it ended still lacks. */
  end(): Written[] {
    return this.#reader?.isOver && !this.isDone ? this.#all(this.#reader.done()) : [];
  }

  written(event: object): Written {
    return { text: JSON.stringify(event), piece: this.#api.pieceOf(event) };
  }

  #all(events: readonly object[]): Written[] {
    return events.map((event) => this.written(event));
  }

  #others(): UsualEvents {
    if (this.#reader !== null) return this.#reader;
    this.#reader = this.#api.reader();
    for (const chunk of this.#api.usual?.kept ?? []) this.#reader.read(chunk);
    return this.#reader;
  }
}

function join({ piece: held }: Written, { piece: next }: Written): Written | null {
  if (held === null || held.key !== next?.key) return null;
  return { text: null, piece: { ...held, text: held.text + next.text } };
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
    const value = line.replace(/^,?\s*data\s*(:|$)/, "").trim();
    if (value === "") return [];
    if (/^["']?\[done\]["']?$/i.test(value)) return [...this.#flush(), "done"];
    const whole = this.#held === "" ? value : `${this.#held}\n${value}`;
    const found = jsonIn(whole) ?? (this.#held === "" ? null : jsonIn(value));
    if (found === null) {
      const glued = value.split(/(?<=\})[\s,]{0,4}data:/);
      const isGlued = glued.length > 1 && this.#held === "" && jsonIn(glued[0] ?? "") !== null;
      if (isGlued) return glued.flatMap((each) => this.#line(each));
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
