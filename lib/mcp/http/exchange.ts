import { setTimeout as delay } from "node:timers/promises";
import {
  type FetchLike,
  isJSONRPCErrorResponse,
  type JSONRPCMessage,
  type RequestId,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import { parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import { UnreachableError } from "@/lib/errors";
import {
  jsonOrNull,
  mediaType,
  messageHeaders,
  modernVersion,
  readEventStream,
  readMessage,
  type Session,
  sessionHeaders,
} from "@/lib/mcp/http/messages";

type ExchangeOptions = {
  url: URL;
  fetch: FetchLike;
  headers: Readonly<Record<string, string>>;
  session: Session;
  onmessage: (message: JSONRPCMessage) => void;
  onerror: (error: Error) => void;
};

/** How long a stream may stay open after its answer, in ms. */
const LINGER_MS = 2_000;
/** Delay before a broken stream is reopened, unless the server says, in ms. */
const RESUME_MS = { usual: 1_000, least: 100, most: 30_000 };
/** How many times in a row reopening may fail. */
const MAX_RESUME_FAILURES = 2;

/**
 * One message and all that the server answers to it.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
 */
export class HttpExchange {
  readonly #options: ExchangeOptions;
  readonly #abort = new AbortController();
  /** The request's id; null: the message is no request. */
  #requestId: RequestId | null = null;
  #sessionId: string | undefined;
  #answered = false;
  #lastEventId: string | null = null;
  /** It may have been the answer, so nobody waits any longer. */
  #tooDeep: TooDeepJsonError | null = null;
  #resumeMs = RESUME_MS.usual;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** From the answer to `initialize`. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /**
   * Resolves when the exchange is over, the answer to a request handed to `onmessage`.
   *
   * @throws UnreachableError a request was taken, and then no answer came
   */
  async run(message: JSONRPCMessage, options: TransportSendOptions): Promise<void> {
    this.#requestId = "method" in message && "id" in message ? message.id : null;
    const { requestSignal } = options;
    const close = () => this.close();
    requestSignal?.addEventListener("abort", close, { once: true });
    try {
      if (requestSignal?.aborted) this.close();
      await this.#post(message, options.headers);
    } catch (error) {
      if (!this.#closed) this.#options.onerror(asError(error));
      // Whoever closed it waits for no answer; an answered one has all that it wanted.
      if (!this.#closed || !this.#answered) throw error;
    } finally {
      clearTimeout(this.#linger);
      requestSignal?.removeEventListener("abort", close);
    }
  }

  /** Aborts it at any stage. */
  close(): void {
    this.#abort.abort();
  }

  /** Tells the server that the session is over; for an exchange that runs no message. */
  async terminateSession(): Promise<void> {
    const { url, fetch, headers, session } = this.#options;
    const response = await fetch(url, {
      method: "DELETE",
      headers: sessionHeaders(headers, session),
      signal: this.#abort.signal,
    });
    await response.text();
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  async #post(
    message: JSONRPCMessage,
    headersOfMessage: Readonly<Record<string, string>> | undefined,
  ): Promise<void> {
    const { url, fetch, headers, session } = this.#options;
    const response = await fetch(url, {
      method: "POST",
      headers: messageHeaders(headers, session, message, headersOfMessage),
      body: JSON.stringify(message),
      signal: this.#abort.signal,
    });
    if (!response.ok) return this.#refused(response, message);
    if ("method" in message && message.method === "initialize") {
      this.#sessionId = response.headers.get("mcp-session-id") ?? undefined;
    }
    if (this.#requestId === null) return void (await response.text());
    switch (response.status === 202 ? "none" : mediaType(response)) {
      case "application/json":
        for (const each of [parseBoundedJson(await response.text())].flat()) this.#deliver(each);
        break;
      case "text/event-stream":
        await this.#followStream(response);
        break;
      case "none":
        await response.text();
        break;
      default:
        throw await unexpectedContent(response);
    }
    if (this.#tooDeep && !this.#answered) throw this.#tooDeep;
    if (!this.#answered && !this.#closed) throw this.#brokeOff();
  }

  /** A 2026-era server refuses a version with 400 and an answer as any other. */
  async #refused(response: Response, message: JSONRPCMessage): Promise<void> {
    const text = await response.text().catch(() => null);
    if (response.status === 400 && text !== null && modernVersion(message) !== null) {
      const answer = jsonOrNull(text);
      if (isJSONRPCErrorResponse(answer) && answer.id === this.#requestId) {
        return this.#deliver(answer);
      }
    }
    const { status, statusText } = response;
    throw new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `HTTP ${status}`, {
      status,
      statusText,
      text,
    });
  }

  /** A stream that breaks off before the answer goes on where the server can remember where it was. */
  async #followStream(first: Response): Promise<void> {
    let response: Response | null = first;
    let failures = 0;
    while (failures <= MAX_RESUME_FAILURES) {
      if (response) await this.#readStream(response);
      if (this.#answered || this.#closed || this.#lastEventId === null) return;
      await delay(this.#resumeMs * 1.5 ** failures, undefined, { signal: this.#abort.signal });
      response = await this.#resume(this.#lastEventId);
      failures = response ? 0 : failures + 1;
    }
  }

  async #readStream({ body }: Response): Promise<void> {
    if (!body) return;
    try {
      await readEventStream(body, {
        onData: (data) => this.#deliverEvent(data),
        onId: (id) => {
          this.#lastEventId = id;
        },
        onRetry: (ms) => {
          this.#resumeMs = Math.min(Math.max(ms, RESUME_MS.least), RESUME_MS.most);
        },
      });
    } catch (error) {
      if (!this.#closed) this.#options.onerror(asError(error));
    }
  }

  /** Null: it failed this time. */
  async #resume(lastEventId: string): Promise<Response | null> {
    const { url, fetch, headers, session } = this.#options;
    try {
      const response = await fetch(url, {
        method: "GET",
        headers: {
          ...sessionHeaders(headers, session),
          accept: "text/event-stream",
          "last-event-id": lastEventId,
        },
        signal: this.#abort.signal,
      });
      if (response.ok && mediaType(response) === "text/event-stream") return response;
      await response.body?.cancel();
    } catch (error) {
      if (!this.#closed) this.#options.onerror(asError(error));
    }
    return null;
  }

  #deliverEvent(data: string): void {
    try {
      this.#deliver(parseBoundedJson(data));
    } catch (error) {
      this.#options.onerror(asError(error));
      if (error instanceof TooDeepJsonError) this.#tooDeep = error;
    }
    if (this.#tooDeep) this.close();
    if (this.#answered) this.#linger ??= setTimeout(() => this.close(), LINGER_MS).unref();
  }

  /** @throws ZodError it is no message of JSON-RPC */
  #deliver(value: unknown): void {
    const message = readMessage(value);
    if (!("method" in message) && message.id === this.#requestId) this.#answered = true;
    this.#options.onmessage(message);
  }

  #brokeOff(): UnreachableError {
    return new UnreachableError(
      "reset",
      `${this.#options.url.host} broke off before it had answered. It may or may not have done what it was asked; look before you try again.`,
    );
  }
}

async function unexpectedContent(response: Response): Promise<SdkError> {
  const contentType = response.headers.get("content-type");
  await response.body?.cancel();
  return new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "Unexpected content type", {
    contentType,
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
