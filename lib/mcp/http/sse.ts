import {
  type FetchLike,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SSEClientTransport,
} from "@modelcontextprotocol/client";
import { createParser } from "eventsource-parser";
import { createBearer } from "@/lib/mcp/client/bearer";
import { serverFetch } from "@/lib/mcp/http/server-fetch";
import type { ConnectionDeps, McpTarget } from "@/lib/mcp/target";

/**
 * HTTP with SSE, as MCP had it before Streamable HTTP. One stream brings all answers; an answer that
 * is no stream, or a refused message, is thrown as the same errors as Streamable HTTP has.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseTransport extends SSEClientTransport {
  readonly #failure: { error: unknown };

  constructor(url: URL, options: { fetch: FetchLike; headers: Readonly<Record<string, string>> }) {
    const failure: { error: unknown } = { error: undefined };
    super(url, {
      requestInit: { headers: { ...options.headers }, redirect: "manual" },
      fetch: async (to, init) => {
        try {
          return await usable(await options.fetch(to, init), init?.method ?? "GET");
        } catch (error) {
          failure.error = error;
          throw error;
        }
      },
    });
    this.#failure = failure;
  }

  override async start(): Promise<void> {
    try {
      await super.start();
    } catch (error) {
      // The event-stream reader keeps only an error's text.
      throw this.#failure.error ?? error;
    }
  }
}

async function usable(response: Response, method: string): Promise<Response> {
  const contentType = response.headers.get("content-type");
  if (!response.ok) {
    const text = await response.text();
    throw new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `HTTP ${response.status}`, {
      status: response.status,
      statusText: response.statusText,
      text,
    });
  }
  if (method === "GET" && !contentType?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    throw new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "Not an event stream", {
      contentType,
    });
  }
  return response;
}

/** For the first event of a stream, in ms. */
const FIRST_EVENT_MS = 5_000;

/**
 * What a server says that has the older transport and is registered under the newer one; null: it has
 * not, as far as can be told. Never throws.
 *
 * @param cause why the handshake failed
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#backwards-compatibility
 */
export async function sseHint(
  target: McpTarget,
  deps: Pick<ConnectionDeps, "outbound" | "now">,
  cause: unknown,
): Promise<string | null> {
  const { endpoint, serverName } = target;
  if (endpoint.transport !== "STREAMABLE_HTTP" || !refusedPost(cause)) return null;
  const url = new URL(endpoint.url);
  const bearer = target.bearer ? createBearer(target.bearer, serverName) : null;
  const fetch = serverFetch(target, url, bearer, deps);
  const isSse = await beginsWithEndpoint(fetch, url, endpoint.headers).catch(() => false);
  if (!isSse) return null;
  return `${serverName} speaks the older SSE transport at its URL, and not Streamable HTTP. Edit the server and choose SSE under Transport.`;
}

function refusedPost(cause: unknown): boolean {
  return cause instanceof SdkHttpError && [400, 404, 405, 406, 415, 501].includes(cause.status);
}

async function beginsWithEndpoint(
  fetch: FetchLike,
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), FIRST_EVENT_MS);
  try {
    const response = await fetch(url, {
      headers: { ...headers, accept: "text/event-stream" },
      signal: abort.signal,
    });
    if (!response.ok || !response.body) return false;
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return false;
    return (await firstEvent(response.body)) === "endpoint";
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function firstEvent(stream: ReadableStream<Uint8Array>): Promise<string | null> {
  let first: string | null = null;
  const parser = createParser({
    onEvent: ({ event }) => {
      first ??= event ?? "message";
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (first !== null) break;
  }
  return first;
}
