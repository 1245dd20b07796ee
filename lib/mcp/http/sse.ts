import {
  type FetchLike,
  type JSONRPCMessage,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from "@modelcontextprotocol/client";
import { createParser } from "eventsource-parser";
import { isJsonObject, textIn } from "@/lib/bounded-json";
import { UnreachableError } from "@/lib/errors";
import { createBearer } from "@/lib/mcp/client/bearer";
import type { MessageStream } from "@/lib/mcp/client/stream-transport";
import { asError } from "@/lib/mcp/http/bodies";
import { readEventStream } from "@/lib/mcp/http/event-stream";
import { jsonOrNull, mediaType, sessionHeaders } from "@/lib/mcp/http/messages";
import { serverFetch } from "@/lib/mcp/http/server-fetch";
import type { ConnectionDeps, McpTarget } from "@/lib/mcp/target";
import type { OutboundInit } from "@/lib/net/fetch";
import { parseUrl } from "@/lib/parse-url";

/** How long an open stream may take to say where messages go, in ms. */
const ADDRESS_MS = 20_000;

type SseOptions = {
  url: URL;
  fetch: FetchLike;
  headers: Readonly<Record<string, string>>;
};

/**
 * HTTP with SSE, as in MCP before Streamable HTTP: one stream carries all answers, and says where
 * messages go. When the stream ends, the connection is gone: the next one is a separate session.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseStream implements MessageStream {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  ontext?: (text: string) => void;
  onactivity?: () => void;

  readonly #options: SseOptions;
  readonly #abort = new AbortController();
  #endpoint: URL | null = null;
  #protocolVersion: string | undefined;
  #closed = false;

  constructor(options: SseOptions) {
    this.#options = options;
  }

  setProtocolVersion(version: string): void {
    this.#protocolVersion = version;
  }

  /** Resolves when the server has said where messages go. */
  async start(): Promise<void> {
    const { url, fetch } = this.#options;
    const init: OutboundInit = {
      headers: { ...this.#headers(), accept: "text/event-stream" },
      signal: this.#abort.signal,
      // It carries the answers of hours. Each event has its own limit.
      maxResponseBytes: null,
    };
    const response = await fetch(url, init);
    await refuseFailure(response, SdkErrorCode.ClientHttpFailedToOpenStream);
    const contentType = mediaType(response);
    if (contentType !== "text/event-stream" || !response.body) {
      await response.body?.cancel();
      throw new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "Not an event stream", {
        contentType,
      });
    }
    await this.#follow(response.body);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const endpoint = this.#endpoint;
    if (!endpoint || this.#closed) throw new SdkError(SdkErrorCode.NotConnected, "Not connected");
    const response = await this.#options.fetch(endpoint, {
      method: "POST",
      headers: { ...this.#headers(), "content-type": "application/json" },
      body: JSON.stringify(message),
      signal: this.#abort.signal,
    });
    await refuseFailure(response, SdkErrorCode.ClientHttpNotImplemented);
    // Some answer here and not in the stream. Nothing waits for it: the stream may be faster.
    if (!/json/.test(mediaType(response))) await response.body?.cancel();
    else
      void response.text().then(
        (text) => this.ontext?.(text),
        (error) => this.onerror?.(asError(error)),
      );
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#gone();
  }

  #headers(): Record<string, string> {
    return sessionHeaders(this.#options.headers, {
      id: undefined,
      protocolVersion: this.#protocolVersion,
    });
  }

  #gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  #follow(body: ReadableStream<Uint8Array>): Promise<void> {
    return new Promise((resolve, reject) => {
      const data = { noAddress: true };
      const noAddress = () =>
        reject(new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "No endpoint", data));
      setTimeout(noAddress, ADDRESS_MS).unref();
      readEventStream(body, {
        onActivity: () => this.onactivity?.(),
        onData: (data, _named, event) => {
          const isEndpoint = event?.toLowerCase() === "endpoint";
          if (isEndpoint || (this.#endpoint === null && isAddress(data))) {
            this.#endpoint = endpointIn(data, this.#options.url);
            if (this.#endpoint) resolve();
            else noAddress();
          } else this.ontext?.(data);
        },
      })
        .catch((error) => {
          if (!this.#abort.signal.aborted) {
            this.onerror?.(asError(error));
          }
        })
        .then(() => {
          reject(new UnreachableError("reset", `${this.#options.url.host} ended its stream.`));
          this.#gone();
        });
    });
  }
}

/**
 * Where messages go. A server behind a proxy that ends TLS does not know that it is reached by https: its own
 * host by http means the address that the admin entered. Any other host is refused when it is used.
 */
function endpointIn(data: string, server: URL): URL | null {
  const value = /^\s*["{]/.test(data) ? jsonOrNull(data) : data;
  const named = isJsonObject(value) ? (value.uri ?? value.url ?? value.endpoint) : value;
  // The same line twice means one address.
  const [address = ""] = (textIn(named) ?? "").trim().split("\n");
  const endpoint = address === "" ? null : parseUrl(address, server);
  if (endpoint?.host === server.host && server.protocol === "https:") endpoint.protocol = "https:";
  return endpoint;
}

/** Of an event that its server did not name, or named otherwise. */
function isAddress(data: string): boolean {
  return /^(https?:\/\/|\/|\?)\S*$/.test(data.trim());
}

async function refuseFailure(response: Response, code: SdkErrorCode): Promise<void> {
  if (response.ok) return;
  const { status, statusText } = response;
  const text = await response.text();
  throw new SdkHttpError(code, `HTTP ${status}`, {
    status,
    statusText,
    text,
  });
}

/** For a stream's first event, in ms. */
const FIRST_EVENT_MS = 5_000;

/**
 * The message for a server that has the older transport and is registered under the newer one; null: it has
 * not, as far as can be determined. Never throws.
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

/** Or it answered with a page, as a web server does at any address. */
function refusedPost(cause: unknown): boolean {
  if (cause instanceof SdkHttpError) return [400, 404, 405, 406, 415, 501].includes(cause.status);
  return cause instanceof SdkError && cause.code === SdkErrorCode.ClientHttpUnexpectedContent;
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
    if (mediaType(response) !== "text/event-stream") return false;
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
