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
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  return new Response(body, {
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
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": file.contentType,
      "content-disposition": `attachment; filename="${file.name}"`,
      "cache-control": "no-store",
    },
  });
}
