import { ReadableStream as NodeReadableStream } from "node:stream/web";

export function jsonWithCookies(body: object | null, cookies: readonly string[]): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return body === null
    ? new Response(null, { status: 204, headers })
    : Response.json(body, { headers });
}

/** Newline-delimited JSON, each line sent when it is available. Ends the source when the reader disconnects. */
export function jsonLines(source: AsyncGenerator<unknown>): Response {
  return new Response(streamOf(lines(source)), {
    headers: {
      "content-type": "application/x-ndjson; charset=utf-8",
      "cache-control": "no-store",
      // A buffering proxy would hold the progress back until the end.
      "x-accel-buffering": "no",
    },
  });
}

/** A file that is written while it is read. Ends the source when the reader disconnects. */
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

/** Reads the source on demand, and ends it when the reader leaves. */
function streamOf(source: AsyncIterable<string>): ReadableStream<Uint8Array> {
  // Missing in the DOM's types.
  const texts = NodeReadableStream.from(source) as unknown as ReadableStream<string>;
  return texts.pipeThrough(new TextEncoderStream());
}

async function* lines(source: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of source) yield `${JSON.stringify(value)}\n`;
}
