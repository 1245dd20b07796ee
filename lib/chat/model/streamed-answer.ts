import { APICallError } from "ai";
import { parseBoundedJson } from "@/lib/bounded-json";

/** Of an answer that is no stream. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * A success of another type than a stream's, as the stream that was asked for. Some servers send the whole answer at
 * once, and some answer with 200 and an error, or with a page: read as a stream, these would be an answer without a word.
 *
 * @param input what was requested
 * @throws APICallError it is neither a stream nor an answer
 */
export async function streamOf(
  { body, status, headers }: Response,
  input: Parameters<typeof fetch>[0],
): Promise<Response> {
  const { start, chunks, reader } = await peek(body ?? new Blob().stream());
  if (!/^[{[<]/.test(start)) return new Response(joined(chunks, reader), { status, headers });
  const text = await textOf(chunks, reader);
  const stream = asStream(parsed(text));
  if (stream !== null) {
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }
  throw new APICallError({
    message: "The answer is no stream.",
    url: input instanceof Request ? input.url : String(input),
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: Object.fromEntries(headers),
    responseBody: text,
  });
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
type Chunks = Uint8Array<ArrayBuffer>[];

/** Its first characters: a stream may have no type, or another one. */
async function peek(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ start: string; chunks: Chunks; reader: Reader }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const chunks: Chunks = [];
  let start = "";
  while (start === "") {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    start = decoder.decode(value, { stream: true }).trimStart();
  }
  return { start, chunks, reader };
}

function joined(chunks: Chunks, reader: Reader): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function textOf(chunks: Chunks, reader: Reader): Promise<string> {
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

/** A complete Chat Completions response as the requested stream; null: it is something else. */
function asStream(answer: unknown): string | null {
  const { choices, ...rest } = fieldsOf(answer);
  const { message, finish_reason: reason } = fieldsOf(Array.isArray(choices) ? choices[0] : null);
  if (typeof message !== "object" || message === null) return null;
  const { tool_calls: calls, ...said } = fieldsOf(message);
  const indexed = Array.isArray(calls)
    ? { tool_calls: calls.map((call, index) => ({ index, ...fieldsOf(call) })) }
    : {};
  const choice = { index: 0, delta: { ...said, ...indexed }, finish_reason: reason ?? "stop" };
  return `data: ${JSON.stringify({ ...rest, choices: [choice] })}\n\ndata: [DONE]\n\n`;
}

function parsed(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
