import { setMaxListeners } from "node:events";
import type { Dispatcher } from "undici";
import { ArrivingBody, decodeBody } from "@/lib/net/body";
import { asOutboundError, unreachable } from "@/lib/net/failure";
import { mayHaveBody, OutboundResponse, reasonPhrase, responseHeaders } from "@/lib/net/response";

/** One request on the wire. */
export interface OutboundRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

export interface ExchangeLimits {
  /** From the start to the response headers, including connecting. */
  readonly headersTimeoutMs: number;
  /** Time left for the whole exchange, including the body; null: no limit. */
  readonly remainingMs: number | null;
  /** Between two chunks of the body, while it is being read; null: no limit. */
  readonly idleTimeoutMs: number | null;
  /** For the decoded body; null: no limit. */
  readonly maxResponseBytes: number | null;
}

interface Settle {
  resolve(response: Response): void;
  reject(error: unknown): void;
}

type RawHeaders = Record<string, string | string[] | undefined>;

/**
 * Sends one request and resolves when the response headers have arrived; the body streams.
 *
 * Rejects, and breaks off the body, with the signal's reason, with {@link UnreachableError} or with
 * `OutboundRefusedError`.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: OutboundRequest,
  limits: ExchangeLimits,
  signal: AbortSignal | null,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(request, limits, signal, { resolve, reject });
    const { url, method, headers, body } = request;
    try {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers: { ...headers },
          body,
          // Timed here instead, which covers connecting and is exact to the millisecond.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
    } catch (error) {
      handler.fail(asOutboundError(error, url.host));
    }
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: OutboundRequest;
  readonly #limits: ExchangeLimits;
  readonly #settle: Settle;
  readonly #release: () => void;
  #connection: Dispatcher.DispatchController | undefined;
  #body: ArrivingBody | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #received = 0;
  #failure: unknown;
  #over = false;

  constructor(
    request: OutboundRequest,
    limits: ExchangeLimits,
    signal: AbortSignal | null,
    settle: Settle,
  ) {
    this.#request = request;
    this.#limits = limits;
    this.#settle = settle;
    const timeOut = () => this.fail(unreachable("timeout", request.url.host));
    const abort = () => this.fail(signal?.reason);
    const headersTimer = setTimeout(() => {
      if (!this.#body) timeOut();
    }, limits.headersTimeoutMs);
    const totalTimer =
      limits.remainingMs === null ? undefined : setTimeout(timeOut, limits.remainingMs);
    if (signal) {
      // Many exchanges may share a signal, so each removes its listener when it ends.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", abort, { once: true });
    }
    this.#release = () => {
      clearTimeout(headersTimer);
      clearTimeout(totalTimer);
      clearTimeout(this.#idleTimer);
      signal?.removeEventListener("abort", abort);
    };
  }

  /** Aborts the exchange while it connects, waits or streams. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#failure = error;
    this.#connection?.abort(error instanceof Error ? error : new Error("aborted"));
    this.#body?.fail(error);
    this.#settle.reject(error);
  }

  onRequestStart(connection: Dispatcher.DispatchController): void {
    this.#connection = connection;
    // It failed while waiting for a connection: nothing may be sent any more.
    if (this.#over) connection.abort(new Error("aborted", { cause: this.#failure }));
  }

  onResponseStart(
    connection: Dispatcher.DispatchController,
    status: number,
    rawHeaders: RawHeaders,
    statusText?: string,
  ): void {
    if (this.#over || status < 200) return;
    const { method, url } = this.#request;
    try {
      this.#body = this.#arrivingBody(connection);
      const hasBody = mayHaveBody(method, status);
      if (hasBody) this.#checkSize(Number(rawHeaders["content-length"]));
      this.#startIdleTimer();
      this.#settle.resolve(
        hasBody && isEncoded(rawHeaders)
          ? this.#decodedResponse(this.#body, status, rawHeaders, statusText)
          : new OutboundResponse({
              url: url.href,
              status,
              statusText: reasonPhrase(statusText),
              rawHeaders,
              body: hasBody ? this.#body : null,
            }),
      );
    } catch (error) {
      this.fail(asOutboundError(error, url.host));
    }
  }

  onResponseData(connection: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over || !this.#body) return;
    this.#received += chunk.byteLength;
    try {
      this.#checkSize(this.#received);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#body.push(chunk)) {
      this.#idleTimer?.refresh();
    } else {
      // A slow reader is not an idle server: the timer stops until the reader continues.
      clearTimeout(this.#idleTimer);
      this.#idleTimer = undefined;
      connection.pause();
    }
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#end();
    this.#body?.end();
  }

  onResponseError(_connection: Dispatcher.DispatchController, error: Error): void {
    this.fail(asOutboundError(error, this.#request.url.host));
  }

  #arrivingBody(connection: Dispatcher.DispatchController): ArrivingBody {
    return new ArrivingBody({
      onWanted: () => {
        if (this.#over || !connection.paused) return;
        this.#startIdleTimer();
        connection.resume();
      },
      onCancelled: () => {
        if (this.#over) return;
        this.#end();
        connection.abort(new Error("the body was cancelled"));
      },
    });
  }

  #decodedResponse(
    body: ArrivingBody,
    status: number,
    rawHeaders: RawHeaders,
    statusText: string | undefined,
  ): Response {
    const { url } = this.#request;
    const headers = responseHeaders(rawHeaders);
    const { maxResponseBytes } = this.#limits;
    const decoded = decodeBody(body.stream(), headers, { maxResponseBytes, host: url.host });
    const response = new Response(decoded, {
      status,
      statusText: reasonPhrase(statusText),
      headers,
    });
    // Response's constructor takes no URL.
    return Object.defineProperty(response, "url", { value: url.href });
  }

  #checkSize(bytes: number): void {
    const { maxResponseBytes } = this.#limits;
    if (maxResponseBytes !== null && bytes > maxResponseBytes) {
      throw unreachable("too_large", this.#request.url.host);
    }
  }

  #startIdleTimer(): void {
    const { idleTimeoutMs } = this.#limits;
    if (idleTimeoutMs === null) return;
    this.#idleTimer = setTimeout(() => {
      this.fail(
        unreachable("timeout", this.#request.url.host, {
          explanation: "stopped sending in the middle of its answer. Try again later.",
        }),
      );
    }, idleTimeoutMs);
  }

  #end(): void {
    this.#over = true;
    this.#release();
  }
}

function isEncoded(rawHeaders: RawHeaders): boolean {
  const coding = rawHeaders["content-encoding"];
  return coding !== undefined && coding !== "identity";
}
