import { setTimeout as delay } from "node:timers/promises";
import {
  type FetchLike,
  type JSONRPCMessage,
  type RequestId,
  SdkError,
  SdkErrorCode,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import type { ServerRequestInit } from "@/lib/mcp/client/bearer";
import { PROBE_MS, probeId, probeRefused } from "@/lib/mcp/client/probe";
import type { RelatedInfo } from "@/lib/mcp/elicitation";
import { asError } from "@/lib/mcp/http/bodies";
import { readEventStream } from "@/lib/mcp/http/event-stream";
import { HttpExchange } from "@/lib/mcp/http/exchange";
import { jsonOrNull, mediaType, type Session, sessionHeaders } from "@/lib/mcp/http/messages";
import { Cancellations, isSameId, readMessage } from "@/lib/mcp/reading/message";
import type { OutboundInit } from "@/lib/net/fetch";

type HttpTransportOptions = {
  url: URL;
  fetch: FetchLike;
  headers: Readonly<Record<string, string>>;
};

/** A stream for news that ended is opened again with a message, but not more often than this, in ms. */
const REOPEN_MS = 30_000;

/**
 * Streamable HTTP as a series of exchanges, one for each message, which share a session and a protocol
 * version. It replaces the SDK's transport, which
 *
 * - leaves a 2025-era request open after its cancellation, and waits out the whole time limit when a
 *   server breaks off a stream;
 * - ties every request of a 2026-era connection to one long-lived signal by `AbortSignal.any`, which
 *   on Node 20 leaks memory (about 50 bytes a call);
 * - opens one more request for each connection, for unsolicited messages, whether or not the server has any;
 * - spends more on a call than everything else that Usher does (docs/benchmarks.md, B1).
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class StreamableHttpTransport implements Transport {
  readonly hasPerRequestStream = true;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  /** Something arrived on this call's stream, if only a keep-alive. */
  onactivity?: (relatedCall: string | undefined) => void;
  sessionId?: string;
  /** Why the first question got no answer; undefined: it was not asked, or it was answered. */
  probeFailure?: unknown;

  readonly #options: HttpTransportOptions;
  readonly #exchanges = new Map<HttpExchange, RequestId | null>();
  readonly #cancellations = new Cancellations();
  #protocolVersion: string | undefined;
  #closed = false;
  #lateProbe: { end: () => void; answer: Promise<unknown> } | null = null;
  /** Null: nobody listens, or the server offers no stream. */
  #news: { stop: AbortController; openedAt: number; isOpen: boolean } | null = null;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
  }

  get #session(): Session {
    return { id: this.sessionId, protocolVersion: this.#protocolVersion };
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.#protocolVersion = version;
  }

  /** Settles when the exchange is over; a request that was refused or got no answer rejects. */
  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (this.#closed) throw new SdkError(SdkErrorCode.NotConnected, "Not connected");
    const probe = probeId(message);
    if (probe !== null) return this.#probe(message, probe);
    void this.#followNews();
    const { relatedRequestId } = options;
    const exchange = this.#newExchange(
      relatedRequestId === undefined ? {} : { relatedCall: String(relatedRequestId) },
    );
    this.#exchanges.set(exchange, "method" in message && "id" in message ? message.id : null);
    try {
      await exchange.run(message, options);
    } finally {
      this.#exchanges.delete(exchange);
      this.#closeCancelled(message);
    }
  }

  /** Ends with an answer, whatever the server does. Its own, if that comes later, is for `lateDiscovery`. */
  async #probe(message: JSONRPCMessage, id: RequestId): Promise<void> {
    let answer: JSONRPCMessage | null = null;
    let isLate = false;
    const exchange = this.#newExchange({}, (said) => {
      answer = said;
      return isLate;
    });
    this.#exchanges.set(exchange, id);
    const failed = (error: unknown) => {
      this.probeFailure = error;
    };
    const asked = exchange.run(message, {}).catch(failed);
    await Promise.race([asked, delay(PROBE_MS, null, { ref: false })]);
    // The SDK closes the transport when the older handshake is refused; `endProbe` closes this.
    this.#exchanges.delete(exchange);
    if (answer !== null || this.#closed) return;
    isLate = true;
    this.probeFailure ??= new Error("server/discover was not answered in time");
    this.#lateProbe = {
      end: () => exchange.close(),
      answer: asked.then(() => (answer && "result" in answer ? answer.result : null)),
    };
    this.onmessage?.(probeRefused(id));
  }

  /** What the server answers to the first question after the older handshake has begun: it started slowly. Null: nothing. */
  async lateDiscovery(maxWaitMs: number, signal: AbortSignal): Promise<unknown> {
    if (this.#lateProbe === null) return null;
    const enough = delay(maxWaitMs, null, { signal, ref: false }).catch(() => null);
    return Promise.race([this.#lateProbe.answer, enough]);
  }

  /** Nobody waits for the first question's answer any more. */
  endProbe(): void {
    this.#lateProbe?.end();
    this.#lateProbe = null;
  }

  /**
   * Follows what the server says outside of its answers, such as that its tools changed, until the connection closes.
   * A server need not offer that.
   *
   * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
   */
  listen(): void {
    this.#news = { stop: new AbortController(), openedAt: -REOPEN_MS, isOpen: false };
    void this.#followNews();
  }

  async #followNews(): Promise<void> {
    const news = this.#news;
    const now = performance.now();
    if (!news || news.isOpen || now - news.openedAt < REOPEN_MS) return;
    Object.assign(news, { isOpen: true, openedAt: now });
    try {
      const stream = await this.#openNews(news.stop.signal);
      if (stream === null) this.#news = null;
      else await this.#readNews(stream);
    } catch (error) {
      if (!this.#closed) this.onerror?.(asError(error));
    } finally {
      news.isOpen = false;
    }
  }

  /** Null: the server offers none. */
  async #openNews(signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null> {
    const { url, fetch, headers } = this.#options;
    const init: OutboundInit & ServerRequestInit = {
      headers: { ...sessionHeaders(headers, this.#session), accept: "text/event-stream" },
      signal,
      // It stays open for hours. Each event has its own limit.
      maxResponseBytes: null,
      provesToken: false,
    };
    const response = await fetch(url, init);
    if (response.ok && mediaType(response) === "text/event-stream") return response.body;
    await response.body?.cancel();
    return null;
  }

  async #readNews(stream: ReadableStream<Uint8Array>): Promise<void> {
    await readEventStream(stream, {
      onData: (data) => {
        for (const value of [jsonOrNull(data)].flat()) {
          const message = readMessage(value, null);
          // An answer belongs to the exchange that asked.
          if (!message || !("method" in message)) continue;
          for (const exchange of this.#exchanges.keys()) exchange.endsWith(message);
          this.onmessage?.(message, {});
        }
      },
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#news?.stop.abort();
    this.#news = null;
    // A notification in transit, such as a call's cancellation, still arrives.
    for (const [exchange, id] of this.#exchanges) if (id !== null) exchange.close();
    this.onclose?.();
  }

  /**
   * Tells the server to forget the session. Nothing depends on it: a server may refuse, or be gone.
   *
   * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
   */
  async terminateSession(): Promise<void> {
    if (this.sessionId === undefined) return;
    const { url, fetch, headers } = this.#options;
    const response = await fetch(url, {
      method: "DELETE",
      headers: sessionHeaders(headers, this.#session),
    });
    await response.body?.cancel();
  }

  /**
   * @param info passed along with each message that arrives on the exchange's stream
   * @param takes whether it keeps a message for itself
   */
  #newExchange(
    info: RelatedInfo = {},
    takes: (message: JSONRPCMessage) => boolean = () => false,
  ): HttpExchange {
    const exchange = new HttpExchange({
      ...this.#options,
      session: this.#session,
      onmessage: (message) => {
        // Known before the answer to `initialize` is passed on, which is followed by a message at once.
        this.sessionId ??= exchange.sessionId;
        if (!takes(message)) this.onmessage?.(message, info);
      },
      onerror: (error) => this.onerror?.(error),
      onactivity: () => this.onactivity?.(info.relatedCall),
      cancellations: this.#cancellations,
      isOther: (id) =>
        [...this.#exchanges.values()].some((each) => each !== null && isSameId(id, each)),
    });
    return exchange;
  }

  /** The server has been told; a stream that it still leaves open is closed here. */
  #closeCancelled(message: JSONRPCMessage): void {
    if (!("method" in message) || message.method !== "notifications/cancelled") return;
    for (const [exchange, id] of this.#exchanges) {
      if (id !== null && id === message.params?.requestId) exchange.close();
    }
  }
}
