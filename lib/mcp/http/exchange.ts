import type { FetchLike, JSONRPCMessage, TransportSendOptions } from "@modelcontextprotocol/client";
import { isJsonObject, TooDeepJsonError } from "@/lib/bounded-json";
import type { ServerRequestInit } from "@/lib/mcp/client/bearer";
import { UnreadableAnswerError } from "@/lib/mcp/errors";
import {
  answerIn,
  asError,
  awaitedBy,
  brokeOff,
  httpError,
  isStray,
  jsonText,
  messagesIn,
  unexpectedType,
  wholeText,
  withoutEnvelope,
} from "@/lib/mcp/http/bodies";
import { followStream } from "@/lib/mcp/http/event-stream";
import { headerOf, mediaType, messageHeaders, type Session } from "@/lib/mcp/http/messages";
import { errorText, isHtml } from "@/lib/mcp/reading/error-text";
import { type Cancellations, mayAnswer, parseAnswer, readMessage } from "@/lib/mcp/reading/message";
import type { Awaited } from "@/lib/mcp/reading/result";

type ExchangeOptions = {
  url: URL;
  fetch: FetchLike;
  headers: Readonly<Record<string, string>>;
  session: Session;
  onmessage: (message: JSONRPCMessage) => void;
  onerror: (error: Error) => void;
  /** Something arrived on its stream, if only a keep-alive. */
  onactivity: () => void;
  /** Another request of the connection, whose answer this one must not take. */
  isOther: (id: unknown) => boolean;
  /** Of the connection. */
  cancellations: Cancellations;
};

type OwnHeaders = Readonly<Record<string, string>> | undefined;

/** How long a stream may stay open after its answer, in ms. */
const LINGER_MS = 2_000;
/** How long a server may take for a notification before the next message is sent, in ms. */
const NOTIFICATION_MS = 5_000;

/**
 * One message and everything that the server answers to it.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
 */
export class HttpExchange {
  readonly #options: ExchangeOptions;
  readonly #abort = new AbortController();
  /** The request to be answered; null: the message is not one. */
  #awaited: Awaited | null = null;
  #sessionId: string | undefined;
  #answered = false;
  /** It may have been the answer, so no other one is awaited. */
  #tooDeep: TooDeepJsonError | null = null;
  /** What arrived and could not be read, reported if no answer follows. */
  #unread: { what: string; text: string } | null = null;
  /** An answer under another id, or to no request: it is this one's if no other comes. */
  #stray: unknown = null;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** From the answer to `initialize`. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /**
   * Resolves when the exchange is over and the answer to a request has been passed to `onmessage`.
   *
   * @throws UnreachableError a request was accepted, and then no answer came
   * @throws UnreadableAnswerError an answer came that cannot be read
   */
  async run(message: JSONRPCMessage, options: TransportSendOptions): Promise<void> {
    this.#awaited = awaitedBy(message);
    const { requestSignal } = options;
    const close = () => this.close();
    requestSignal?.addEventListener("abort", close, { once: true });
    try {
      if (requestSignal?.aborted) this.close();
      if (this.#awaited) await this.#post(message, options.headers);
      else await this.#notify(message, options.headers);
    } catch (error) {
      if (!this.#closed) this.#options.onerror(asError(error));
      // Whoever closed it does not wait for an answer; an answered one has everything that it wanted.
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

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  /**
   * A message that expects no answer. Whatever the response, even a stream that stays open, subsequent
   * messages continue; and it proves nothing about the token that was sent along.
   */
  async #notify(message: JSONRPCMessage, headersOfMessage: OwnHeaders): Promise<void> {
    const timer = setTimeout(() => this.close(), NOTIFICATION_MS);
    try {
      const response = await this.#send(message, headersOfMessage, { provesToken: false });
      await response.body?.cancel();
    } catch (error) {
      if (!this.#closed) this.#options.onerror(asError(error));
    } finally {
      clearTimeout(timer);
    }
  }

  #send(
    message: JSONRPCMessage,
    headersOfMessage: OwnHeaders,
    options: Pick<ServerRequestInit, "provesToken">,
  ): Promise<Response> {
    const { url, fetch, headers, session } = this.#options;
    const init: ServerRequestInit = {
      method: "POST",
      headers: messageHeaders(headers, session, message, headersOfMessage),
      body: jsonText(message),
      signal: this.#abort.signal,
      ...options,
    };
    return fetch(url, init);
  }

  async #post(message: JSONRPCMessage, headersOfMessage: OwnHeaders): Promise<void> {
    const method = this.#awaited?.method;
    const about = method === "server/discover" ? ({ provesToken: false } as const) : {};
    const response = await this.#send(message, headersOfMessage, about);
    if (!response.ok) {
      const text = await response.text().catch(() => null);
      const answer = answerIn(text, response.status, message);
      if (!answer) throw httpError(response, text);
      return this.#deliver(answer);
    }
    if (method === "initialize") {
      // Some proxies repeat it in one line.
      const given = headerOf(response, "mcp-session-id").replace(/^(.+), \1$/, "$1");
      this.#sessionId = given || undefined;
    }
    const type = response.status === 202 || response.status === 204 ? "none" : mediaType(response);
    if (type === "text/event-stream") await this.#followStream(response);
    else this.#deliverBody(await wholeText(response), type);
    this.#takeStray();
    if (this.#tooDeep && !this.#answered) throw this.#tooDeep;
    if (this.#answered || this.#closed) return;
    if (this.#unread) {
      const { what, text } = this.#unread;
      throw new UnreadableAnswerError(what, method ?? "", errorText(text));
    }
    throw brokeOff(this.#options.url, response.status);
  }

  /** A body that is not an event stream by its type, whatever type it has. */
  #deliverBody(text: string, type: string): void {
    if (text.trim() === "") return;
    const isPage = type === "text/html" || isHtml(text);
    const values = messagesIn(text, this.#awaited, isPage);
    if (values.length === 0) {
      if (isPage) throw unexpectedType("text/html");
      if (type !== "" && !/json|text\/plain/.test(type)) throw unexpectedType(type);
      this.#unread = { what: "text that is no JSON", text };
    }
    for (const value of values) {
      const read = readMessage(value, this.#awaited, values.length === 1);
      if (read) this.#deliver(read);
      else this.#unread ??= { what: withoutEnvelope(value), text };
      if (read && isStray(value, this.#awaited, this.#options.isOther)) this.#stray ??= value;
    }
  }

  async #followStream(first: Response): Promise<void> {
    const { url, fetch, headers, session, onactivity, onerror } = this.#options;
    await followStream(first, {
      ...{ url, fetch, headers, session },
      signal: this.#abort.signal,
      isOver: () => this.#answered || this.#closed,
      onData: (data, named) => this.#deliverEvent(data, named),
      onActivity: onactivity,
      onError: (error) => {
        if (!this.#closed) onerror(error);
      },
    });
  }

  /** @param named of a kind that does not carry messages; some servers use their own names */
  #deliverEvent(data: string, named: boolean): void {
    try {
      // Until 2025-06-18 an event could carry a batch.
      for (const value of [parseAnswer(data, this.#awaited)].flat()) {
        // The stream is this request's own, so what names no request answers it.
        const namesNone = isJsonObject(value) && value.id === undefined;
        const read = readMessage(value, this.#awaited, namesNone);
        if (read && isStray(value, this.#awaited, this.#options.isOther)) this.#keepStray(value);
        else if (read) this.#deliver(read);
        else if (!named)
          this.#unread ??= { what: "an event that is no message of MCP", text: data };
      }
    } catch (error) {
      if (error instanceof TooDeepJsonError) this.#tooDeep = error;
      else if (!named) this.#unread ??= { what: "an event that is no JSON", text: data };
      if (!named) this.#options.onerror(asError(error));
    }
    if (this.#tooDeep) this.close();
    if (this.#answered) this.#linger ??= setTimeout(() => this.close(), LINGER_MS).unref();
  }

  #keepStray(value: unknown): void {
    this.#stray ??= value;
    // A heartbeat may have the form of an empty answer.
    if (this.#awaited === null || !mayAnswer(value, this.#awaited)) return;
    this.#linger ??= setTimeout(() => {
      this.#takeStray();
      this.close();
    }, LINGER_MS).unref();
  }

  #takeStray(): void {
    if (this.#answered || this.#stray === null) return;
    const read = readMessage(this.#stray, this.#awaited, true);
    if (read) this.#deliver(read);
  }

  #deliver(message: JSONRPCMessage): void {
    if (!("method" in message) && message.id === this.#awaited?.id) this.#answered = true;
    if (!this.endsWith(message)) this.#options.onmessage(message);
  }

  /** Whether a message, also one that came elsewhere, says that no answer will come. */
  endsWith(message: JSONRPCMessage): boolean {
    const instead = this.#options.cancellations.read(message, [this.#awaited]);
    if (instead) this.#keepStray(instead);
    return instead !== null;
  }
}
