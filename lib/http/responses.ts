import { ReadableStream as NodeReadableStream } from "node:stream/web";

/** An answer in JSON, or without content, that sets cookies. */
export function jsonWithCookies(body: object | null, cookies: readonly string[]): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return body === null
    ? new Response(null, { status: 204, headers })
    : Response.json(body, { headers });
}

/** Newline-delimited JSON, each line sent when it is there. Ends the source when the reader goes away. */
export function jsonLines(source: AsyncGenerator<unknown>): Response {
  return new Response(streamOf(lines(source)), {
    headers: {
      "content-type": "application/x-ndjson; charset=utf-8",
      "cache-control": "no-store",
      // A proxy that collects the answer would turn the progress into one lump.
      "x-accel-buffering": "no",
    },
  });
}

/** A file that is written while it is read. Ends the source when the reader goes away. */
export function download(
  source: AsyncGenerator<string>,
  file: { name: string; contentType: string },
): Response {
  return new Response(streamOf(source), {
    headers: {
      "content-type": file.contentType,
      "content-disposition": `attachment; filename="${file.name}"`,
      "cache-control": "no-store",
    },
  });
}

/** Asks the source for more when somebody reads, and ends it when the reader goes away. */
function streamOf(source: AsyncIterable<string>): ReadableStream<Uint8Array> {
  // The DOM's types do not know `from` yet.
  const texts = NodeReadableStream.from(source) as unknown as ReadableStream<string>;
  return texts.pipeThrough(new TextEncoderStream());
}

async function* lines(source: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of source) yield `${JSON.stringify(value)}\n`;
}
