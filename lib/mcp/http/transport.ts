import {
  type FetchLike,
  type JSONRPCMessage,
  type RequestId,
  SdkError,
  SdkErrorCode,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import { PROBE_MS, probeId, probeRefused } from "@/lib/mcp/client/probe";
import type { RelatedInfo } from "@/lib/mcp/elicitation";
import { HttpExchange } from "@/lib/mcp/http/exchange";
import { sessionHeaders } from "@/lib/mcp/http/messages";
import { isSameId } from "@/lib/mcp/reading/message";

type HttpTransportOptions = {
  url: URL;
  fetch: FetchLike;
  headers: Readonly<Record<string, string>>;
};

/**
 * Streamable HTTP as a series of exchanges, one for each message, which share a session and a protocol
 * version. It replaces the SDK's transport, which
 *
 * - leaves a 2025-era request open after its cancellation, and waits out the whole time limit when a
 *   server breaks off a stream;
 * - ties every request of a 2026-era connection to one long-lived signal by `AbortSignal.any`, which
 *   on Node 20 leaks memory (about 50 bytes a call);
 * - opens one more request for each connection, for unsolicited messages, to which no one listens;
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
  #protocolVersion: string | undefined;
  #closed = false;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
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

  /** Ends with an answer, whatever the server does. */
  async #probe(message: JSONRPCMessage, id: RequestId): Promise<void> {
    let answered = false;
    const exchange = this.#newExchange({}, () => {
      answered = true;
    });
    const timer = setTimeout(() => exchange.close(), PROBE_MS);
    this.#exchanges.set(exchange, id);
    try {
      await exchange.run(message, {});
    } catch (error) {
      this.probeFailure = error;
    } finally {
      clearTimeout(timer);
      this.#exchanges.delete(exchange);
    }
    if (!answered && !this.#closed) this.onmessage?.(probeRefused(id));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
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
    const session = { id: this.sessionId, protocolVersion: this.#protocolVersion };
    const response = await fetch(url, {
      method: "DELETE",
      headers: sessionHeaders(headers, session),
    });
    await response.body?.cancel();
  }

  /** @param info passed along with each message that arrives on the exchange's stream */
  #newExchange(info: RelatedInfo = {}, onmessage = () => {}): HttpExchange {
    const exchange = new HttpExchange({
      ...this.#options,
      session: { id: this.sessionId, protocolVersion: this.#protocolVersion },
      onmessage: (message) => {
        // Known before the answer to `initialize` is passed on, which is followed by a message at once.
        this.sessionId ??= exchange.sessionId;
        onmessage();
        this.onmessage?.(message, info);
      },
      onerror: (error) => this.onerror?.(error),
      onactivity: () => this.onactivity?.(info.relatedCall),
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
