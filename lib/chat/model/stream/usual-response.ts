import { APICallError } from "ai";
import { boundedJsonOrNull, isJsonObject, objectsIn, TooDeepJsonError } from "@/lib/bounded-json";
import { noModelAnswer } from "@/lib/chat/model/failure-kind";
import { hasFailure } from "@/lib/chat/model/provider-words";
import { joinedStream } from "@/lib/joined-stream";
import { type StreamApi, usualStream } from "./usual-stream";

/** Of an answer that is not streamed. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * Turns a successful response of another type into the stream that was requested. Some servers send the whole answer
 * at once, and some send 200 with an error or a web page, which would read as an empty stream.
 *
 * @param input what was requested
 * @throws APICallError it is neither a stream nor an answer
 */
export async function usualResponse(
  { body, status, headers }: Response,
  input: Parameters<typeof fetch>[0],
  api: StreamApi,
): Promise<Response> {
  const { start, chunks, reader } = await peek(body ?? new Blob().stream());
  if (start === "" || isStream(start)) return usualStream(joinedStream(chunks, reader), api);
  const text = await textUpTo(mostCharacters, reader, chunks);
  const answer = boundedJsonOrNull(text);
  const objects = answer === null ? objectsWithin(text) : [];
  const whole = api
    .reader()
    .whole(objects.length === 1 ? boundedJsonOrNull(objects[0] ?? "") : answer);
  if (whole !== null) return usualStream(new Blob([]).stream(), api, whole);
  if (objects.length > 0 && text.trimStart().startsWith("{")) {
    return usualStream(new Blob([objects.join("\n")]).stream(), api);
  }
  const isFailure = typeof answer === "string" || (isJsonObject(answer) && hasFailure(answer));
  throw new APICallError({
    message: isFailure ? "The answer is not a stream." : noModelAnswer,
    url: input instanceof Request ? input.url : String(input),
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: Object.fromEntries(headers),
    responseBody: text,
  });
}

/** Events without their frame, or an answer among other text: a server's warnings, or the end of a stream. */
function objectsWithin(text: string): string[] {
  try {
    return objectsIn(text);
  } catch (error) {
    if (error instanceof TooDeepJsonError) return [];
    throw error;
  }
}

/** Judged by its first characters: a stream may have no content type, or the wrong one. */
function isStream(start: string): boolean {
  return /^\ufeff?((data|event|id|retry)\s*)?:/.test(start);
}

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** Reads up to the first line that is not empty. */
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

/** @param chunks what was already read */
export async function textUpTo(
  most: number,
  reader: Reader,
  chunks: readonly Bytes[] = [],
): Promise<string> {
  const decoder = new TextDecoder();
  let text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  while (text.length <= most) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
  // Not waited for: a copy is only given up with its original.
  void reader.cancel().catch(() => {});
  return text.slice(0, most);
}
