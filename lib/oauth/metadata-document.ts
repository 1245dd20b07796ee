import { type Parameters, parseParameters } from "@/lib/oauth/parameters";

/** Shaped like fetch, through the guard that decides where requests may go. */
export type FetchDocument = (url: string, init: RequestInit) => Promise<Response>;

export type MetadataDocument =
  | { found: true; parameters: Parameters }
  /** `what` in words, such as "404". */
  | { found: false; what: string };

/**
 * Fetches a metadata document. A missing document, or one that is not a JSON object, is not an error: there may be
 * another location to check.
 *
 * @throws UnreachableError | OutboundRefusedError from the given fetch
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.2
 */
export async function fetchMetadata(url: string, fetch: FetchDocument): Promise<MetadataDocument> {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  const { status, headers } = response;
  // A stream has no end: some servers open one for whatever is asked below their path.
  const isStream = /^text\/event-stream\b/i.test(headers.get("content-type") ?? "");
  if (status !== 200 || isStream) {
    await response.body?.cancel();
    return { found: false, what: isStream ? `${status}, but an event stream` : String(status) };
  }
  const text = await response.text();
  const parameters = text.trimStart().startsWith("{") ? parseParameters(text) : null;
  return parameters
    ? { found: true, parameters }
    : { found: false, what: "200, but no JSON document" };
}

/**
 * Inserts a well-known path between the host and the path of an identifier. A trailing slash of the
 * path is dropped.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.1
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3.1
 */
export function wellKnownUrl(identifier: string, suffix: string): string {
  const url = new URL(identifier);
  const path = url.pathname.replace(/\/$/, "");
  return `${url.origin}/.well-known/${suffix}${path}${url.search}`;
}
