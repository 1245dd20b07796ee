import { InvalidInputError } from "@/lib/errors";
import { setOwn } from "@/lib/net/set-own";
import { parseUrl } from "@/lib/parse-url";

/** One request as it goes on the wire. */
export interface OutboundRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

/** What the connection says of itself; a caller's `host` would also choose the certificate to verify. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads the arguments of a fetch. A body that is a stream is read to its end first: Usher sends
 * nothing large.
 *
 * @throws {InvalidInputError} The URL is none, or a header cannot be sent; says which, not its value.
 * @see https://fetch.spec.whatwg.org/#dom-global-fetch
 */
export async function readRequest(
  input: string | URL | Request,
  init: RequestInit,
): Promise<OutboundRequest> {
  const source = input instanceof Request ? input : null;
  const address = input instanceof Request ? input.url : input;
  if (!(address instanceof URL) && !parseUrl(address)) {
    throw new InvalidInputError({ url: "This is not a URL. Type the whole address." });
  }

  const headers: Record<string, string> = {
    accept: "*/*",
    "accept-encoding": "identity",
    "user-agent": "Usher",
  };
  const { body, contentType } = await readBody(init.body ?? source?.body ?? null);
  if (contentType !== null) headers["content-type"] = contentType;
  const given = init.headers ?? source?.headers ?? {};
  for (const [name, value] of Symbol.iterator in given ? given : Object.entries(given)) {
    setHeader(headers, String(name).toLowerCase(), String(value).trim());
  }
  const method = (init.method ?? source?.method ?? "GET").toUpperCase();
  return { url: address instanceof URL ? address : new URL(address), method, headers, body };
}

function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (CONNECTION_HEADERS.has(name)) return;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new InvalidInputError({
      headers: `The header "${name.slice(0, 60)}" cannot be sent: its name or its value holds a character that HTTP does not allow, such as a line break. Enter it again.`,
    });
  }
  setOwn(headers, name, value);
}

async function readBody(
  body: BodyInit | null,
): Promise<{ body: string | Uint8Array | null; contentType: string | null }> {
  if (body === null) return { body: null, contentType: null };
  if (typeof body === "string") return { body, contentType: "text/plain;charset=UTF-8" };
  if (body instanceof URLSearchParams) {
    return {
      body: body.toString(),
      contentType: "application/x-www-form-urlencoded;charset=UTF-8",
    };
  }
  if (body instanceof Uint8Array) return { body, contentType: null };
  // Form data, blobs, buffers and streams: the platform knows how to write them.
  const written = new Response(body);
  return {
    body: new Uint8Array(await written.arrayBuffer()),
    contentType: written.headers.get("content-type"),
  };
}
