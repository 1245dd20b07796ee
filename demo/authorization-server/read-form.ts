import { IncomingMessage } from "node:http";

const LIMIT_BYTES = 64 * 1024;

/** @throws if the body is larger than 64 KiB. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(request)).toString("utf8"));
}

/** Reads the form, and restores the request for the next reader. */
export async function readFormAhead(
  request: IncomingMessage,
): Promise<{ form: URLSearchParams; request: IncomingMessage }> {
  const body = await readBody(request);
  const again = new IncomingMessage(request.socket);
  again.method = request.method;
  again.url = request.url;
  again.headers = request.headers;
  again.rawHeaders = request.rawHeaders;
  // Otherwise reading it to its end counts as an abort and closes the connection.
  again.complete = true;
  again.push(body);
  again.push(null);
  return { form: new URLSearchParams(body.toString("utf8")), request: again };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw new Error("The form is larger than 64 KiB.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
