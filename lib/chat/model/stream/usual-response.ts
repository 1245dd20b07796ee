import { APICallError } from "ai";
import { parseBoundedJson } from "@/lib/bounded-json";
import { hasFailure } from "@/lib/chat/model/provider-words";
import { isJsonObject, type JsonObject } from "@/lib/mcp/reading/json-object";
import { EventLines, type StreamEvent } from "./event-lines";
import { isFailureText, type UsualEvents } from "./usual-events";

/** Of an answer that is no stream. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * A success as the stream that was asked for, in the form that the AI SDK's package reads. Some servers send the whole
 * answer at once, and some answer with 200 and an error, or with a page: read as a stream, these would be an answer
 * without a word.
 *
 * @param input what was requested
 * @param events reads the events of this answer
 * @throws APICallError it is neither a stream nor an answer
 */
export async function usualResponse(
  { body, status, headers }: Response,
  input: Parameters<typeof fetch>[0],
  events: UsualEvents,
): Promise<Response> {
  const { start, chunks, reader } = await peek(body ?? new Blob().stream());
  if (start === "" || isStream(start)) return asStream(joined(chunks, reader, events), events);
  const text = await textOf(chunks, reader);
  const answer = parsed(text);
  const whole = answer === undefined ? null : events.whole(answer);
  if (whole !== null) return asStream(new Blob([]).stream(), events, whole);
  // One event in each line.
  if (answer === undefined && isJsonObject(parsed(text.trim().split("\n")[0] ?? ""))) {
    return asStream(new Blob([text]).stream(), events);
  }
  const isFailure = typeof answer === "string" || (isJsonObject(answer) && hasFailure(answer));
  throw new APICallError({
    message: isFailure ? "The answer is no stream." : "This is no answer of a model's API.",
    url: input instanceof Request ? input.url : String(input),
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: Object.fromEntries(headers),
    responseBody: text,
  });
}

/** By its first characters: a stream may have no type, or another one. */
function isStream(start: string): boolean {
  return /^\ufeff?((data|event|id|retry)\s*)?:/.test(start);
}

type Bytes = Uint8Array<ArrayBuffer>;

function asStream(
  body: ReadableStream<Bytes>,
  events: UsualEvents,
  begun: readonly JsonObject[] = [],
): Response {
  const lines = new EventLines();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let isOver = false;
  const usual = (found: readonly StreamEvent[]): JsonObject[] =>
    found.flatMap((event) => {
      if (isOver) return [];
      if (event === "done") {
        isOver = true;
        return events.done();
      }
      if (event.kind === "json") return events.read(event.value);
      return isFailureText(event.text) ? events.read({ error: event.text }) : [];
    });
  const write = (made: readonly JsonObject[], to: TransformStreamDefaultController<Bytes>) => {
    if (made.length === 0) return;
    const text = made.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("");
    to.enqueue(encoder.encode(text));
  };
  const stream = body.pipeThrough(
    new TransformStream<Bytes, Bytes>({
      start: (controller) => write(begun, controller),
      transform(chunk, controller) {
        write(usual(lines.read(decoder.decode(chunk, { stream: true }))), controller);
      },
      flush(controller) {
        const last = [...lines.read(decoder.decode()), ...lines.end()];
        write(usual(last), controller);
      },
    }),
  );
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

type Reader = ReadableStreamDefaultReader<Bytes>;

/** Until the first line that is not empty. */
async function peek(
  body: ReadableStream<Bytes>,
): Promise<{ start: string; chunks: Bytes[]; reader: Reader }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const chunks: Bytes[] = [];
  let start = "";
  while (start.length < "retry:".length) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    start = (start + decoder.decode(value, { stream: true })).trimStart();
  }
  return { start, chunks, reader };
}

const ended = { done: true, value: undefined } as const;

function joined(
  chunks: readonly Bytes[],
  reader: Reader,
  events: UsualEvents,
): ReadableStream<Bytes> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (events.isOver) return ended;
        throw error;
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function textOf(chunks: readonly Bytes[], reader: Reader): Promise<string> {
  const decoder = new TextDecoder();
  let text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  while (text.length <= mostCharacters) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, mostCharacters);
}

function parsed(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}
