import { setTimeout as delay } from "node:timers/promises";
import type { FetchLike } from "@modelcontextprotocol/client";
import { createParser } from "eventsource-parser";
import { isJsonObject } from "@/lib/bounded-json";
import type { ServerRequestInit } from "@/lib/mcp/client/bearer";
import { asError } from "@/lib/mcp/http/bodies";
import { jsonOrNull, mediaType, type Session, sessionHeaders } from "@/lib/mcp/http/messages";

type StreamEvents = {
  /** The data of an event. `named`: of a kind other than the one that carries messages. */
  onData: (data: string, named: boolean, event: string | undefined) => void;
  /** Whatever arrived, including a keep-alive. */
  onActivity?: () => void;
  /** The id of the last event, from which a server can continue after a break. */
  onId?: (id: string) => void;
  /** The server's requested delay before reopening, in ms. */
  onRetry?: (ms: number) => void;
};

/** The limit of one event, in characters. A stream that stays open for hours has no limit itself. */
const MOST_OF_AN_EVENT = 16 * 1024 * 1024;

/**
 * Reads an event stream to its end.
 *
 * @throws what the stream breaks off with, or RangeError: an event is longer than any message
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function readEventStream(
  stream: ReadableStream<Uint8Array>,
  { onData, onId = () => {}, onRetry, onActivity }: StreamEvents,
): Promise<void> {
  const decoder = new TextDecoder();
  const lines = new LineEnds();
  let ended = false;
  const body = new PlainBody();
  const lone = new LoneIds();
  let strayLines: string[] = [];
  let sinceEvent = 0;
  /** The event that has begun, as far as it came. */
  let begun = "";
  const feed = (text: string) => {
    sinceEvent += text.length;
    const joined = begun.slice(-1) + text;
    const end = joined.lastIndexOf("\n\n");
    begun = end < 0 ? begun + text : joined.slice(end + 2);
    body.add(text);
    parser.feed(text);
    if (!ended) lone.add(text, onId);
    if (sinceEvent > MOST_OF_AN_EVENT) throw new RangeError("An event of more than 16 MiB");
  };
  const parser = createParser({
    onEvent: ({ id, event, data: ofEvent }) => {
      sinceEvent = 0;
      body.isNone();
      const isWhole = strayLines.length === 0 || jsonOrNull(ofEvent) !== null;
      const data = isWhole ? ofEvent : [ofEvent, ...strayLines].join("\n");
      strayLines = [];
      // An event cut in the middle does not count: it is requested again.
      if (ended && jsonOrNull(data) === null) return;
      if (id) onId(id);
      if (data !== "") onData(data, event !== undefined && !CARRIERS.has(event), event);
    },
    // JSON over several lines, of which only the first is marked as data.
    onError: ({ line }) => {
      if (line !== undefined && /^[\s"{}[\]]/.test(line)) strayLines.push(line);
    },
    onRetry,
  });
  const reader = stream.getReader();
  for (;;) {
    const next = reader.read();
    // Some servers end no event, and leave the stream open.
    if (begun !== "" && (await isQuiet(next)) && isWholeMessage(begun)) feed("\n\n");
    const { done, value } = await next;
    if (done) break;
    onActivity?.();
    try {
      feed(lines.unified(decoder.decode(value, { stream: true })));
    } catch (error) {
      await reader.cancel(error);
      throw error;
    }
  }
  // Many servers omit the empty line after the last event.
  ended = true;
  feed(`${lines.unified(decoder.decode())}\n\n`);
  if (body.text !== "") onData(body.text, false, undefined);
}

/** How long a message may wait for the line that ends its event, in ms. */
const QUIET_MS = 1_000;

/** Whether nothing more comes for a while. @throws what the stream breaks off with */
function isQuiet(next: Promise<unknown>): Promise<boolean> {
  return Promise.race([next.then(() => false), delay(QUIET_MS, true, { ref: false })]);
}

function isWholeMessage(event: string): boolean {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  return isJsonObject(jsonOrNull(lines.map((line) => line.slice(5)).join("\n")));
}

/** Kinds of events that carry a message, or the reason why none comes. */
const CARRIERS: ReadonlySet<string> = new Set(["", "message", "error"]);

/** A body of JSON that a server sends under the type of a stream: no line of a stream begins like one. */
class PlainBody {
  #pieces: string[] | null = [];

  get text(): string {
    return this.#pieces?.join("") ?? "";
  }

  add(text: string): void {
    if (this.#pieces === null || (this.#pieces.length === 0 && text.trim() === "")) return;
    if (this.#pieces.length > 0 || /^\s*[[{]/.test(text)) this.#pieces.push(text);
    else this.#pieces = null;
  }

  /** There are events. */
  isNone(): void {
    this.#pieces = null;
  }
}

/** Longer than any id; of a longer line only the beginning is kept. */
const MOST_OF_A_LINE = 1_000;

/**
 * Ids of events without data, which the parser drops although they say where to continue.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
 */
class LoneIds {
  #line = "";
  #id = "";
  #hasData = false;

  add(text: string, onId: (id: string) => void): void {
    const lines = text.split("\n");
    for (const [at, rest] of lines.entries()) {
      this.#line = (this.#line + rest.slice(0, MOST_OF_A_LINE)).slice(0, MOST_OF_A_LINE);
      if (at === lines.length - 1) return;
      const line = this.#line;
      this.#line = "";
      if (line.startsWith("id:")) this.#id = line.slice(3).trim();
      else if (line.startsWith("data")) this.#hasData = true;
      else if (line === "") {
        if (this.#id !== "" && !this.#hasData && !this.#id.includes("\0")) onId(this.#id);
        this.#id = "";
        this.#hasData = false;
      }
    }
  }
}

/** A line may end in CR alone, which the parser would hold back until it knows what follows. */
class LineEnds {
  #afterReturn = false;

  unified(text: string): string {
    if (text === "") return text;
    const rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    return rest.includes("\r") ? rest.replace(/\r\n?/g, "\n") : rest;
  }
}

type Following = {
  signal: AbortSignal;
  /** The awaited message has arrived, or no one waits any more. */
  isOver: () => boolean;
  onData: (data: string, named: boolean) => void;
  onActivity: () => void;
  onError: (error: Error) => void;
  /** To reopen it. */
  url: URL;
  fetch: FetchLike;
  headers: Readonly<Record<string, string>>;
  session: Session;
};

/** How long a broken stream waits before it is reopened, unless the server says, in ms. */
const RESUME_MS = { usual: 1_000, least: 100, most: 30_000 };
/** How many consecutive times reopening may fail. */
const MAX_RESUME_FAILURES = 2;

/**
 * Reads a stream to its end. One that breaks off before that continues if the server can remember
 * where it was.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export async function followStream(first: Response, following: Following): Promise<void> {
  const { signal, isOver, onError, onData, onActivity } = following;
  let lastEventId: string | null = null;
  let resumeMs = RESUME_MS.usual;
  let failures = 0;
  let response: Response | null = first;
  while (failures <= MAX_RESUME_FAILURES) {
    if (response?.body) {
      await readEventStream(response.body, {
        onData,
        onActivity,
        onId: (id) => {
          lastEventId = id;
        },
        onRetry: (ms) => {
          resumeMs = Math.min(Math.max(ms, RESUME_MS.least), RESUME_MS.most);
        },
      }).catch((error) => onError(asError(error)));
    }
    if (isOver() || lastEventId === null) return;
    await delay(resumeMs * 1.5 ** failures, undefined, { signal });
    response = await usable(resumed(lastEventId, following)).catch((error) => {
      onError(asError(error));
      return null;
    });
    if (response && /json/.test(mediaType(response))) return onData(await response.text(), false);
    failures = response ? 0 : failures + 1;
  }
}

/** The stream after the event with this id. */
function resumed(
  lastEventId: string,
  { url, fetch, headers, session, signal }: Following,
): Promise<Response> {
  const own = sessionHeaders(headers, session);
  const init: ServerRequestInit = {
    method: "GET",
    headers: { ...own, accept: "text/event-stream", "last-event-id": lastEventId },
    signal,
    provesToken: false,
  };
  return fetch(url, init);
}

/** A stream, or the answer itself in JSON; null: it did not work this time. */
async function usable(opening: Promise<Response>): Promise<Response | null> {
  const response = await opening;
  if (response.ok && /event-stream|json/.test(mediaType(response))) return response;
  await response.body?.cancel();
  return null;
}
