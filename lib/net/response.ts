import { parseBoundedJson } from "@/lib/bounded-json";
import type { ArrivingBody } from "@/lib/net/body";

interface ResponseParts {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly rawHeaders: Readonly<Record<string, string | string[] | undefined>>;
  /** Null: such a response has no body. */
  readonly body: ArrivingBody | null;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The platform's Response, built from what the network returned. Its headers and its stream are created
 * on demand: created for every response, as the platform does, they are a third of the cost
 * of a small request on Node 20.
 *
 * @see https://fetch.spec.whatwg.org/#response-class
 */
export class OutboundResponse implements Response {
  static {
    // `instanceof Response` is true, though the platform's constructor never ran.
    Object.setPrototypeOf(OutboundResponse.prototype, Response.prototype);
  }

  readonly type = "default";
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  redirected = false;
  readonly #rawHeaders: ResponseParts["rawHeaders"];
  readonly #arriving: ArrivingBody | null;
  #headers: Headers | null = null;
  /** The platform's own, for rarely used members. */
  #platform: Response | null = null;
  #read = false;

  constructor({ url, status, statusText, rawHeaders, body }: ResponseParts) {
    this.url = url;
    this.status = status;
    this.statusText = statusText;
    this.#rawHeaders = rawHeaders;
    this.#arriving = body;
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    this.#headers ??= responseHeaders(this.#rawHeaders);
    return this.#headers;
  }

  get body(): ReadableStream<Bytes> | null {
    return this.#arriving === null ? null : this.#asPlatform().body;
  }

  get bodyUsed(): boolean {
    return this.#read || (this.#platform?.bodyUsed ?? false);
  }

  /** One header without creating Headers; of repeated ones, the first. */
  header(name: string): string | null {
    const value = this.#rawHeaders[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  }

  async text(): Promise<string> {
    if (this.#platform) return this.#platform.text();
    return textOf(await this.#whole(), this.header("content-type"));
  }

  /** What came before `text()` failed. */
  arrived(): string {
    return this.#arriving ? textOf(this.#arriving.arrived(), this.header("content-type")) : "";
  }

  async json(): Promise<unknown> {
    return parseBoundedJson(await this.text());
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#asPlatform().arrayBuffer();
  }

  blob(): Promise<Blob> {
    return this.#asPlatform().blob();
  }

  async bytes(): Promise<Bytes> {
    return new Uint8Array(await this.arrayBuffer());
  }

  formData(): Promise<FormData> {
    return this.#asPlatform().formData();
  }

  clone(): Response {
    return this.#asPlatform().clone();
  }

  async #whole(): Promise<Buffer> {
    if (this.#read) throw new TypeError("The body was read before.");
    this.#read = true;
    return this.#arriving ? this.#arriving.whole() : Buffer.alloc(0);
  }

  #asPlatform(): Response {
    if (this.#read) throw new TypeError("The body was read before.");
    const { status, statusText, headers } = this;
    this.#platform ??= new Response(this.#arriving?.stream() ?? null, {
      status,
      statusText,
      headers,
    });
    return this.#platform;
  }
}

/** In UTF-8, as JSON always is, unless it is not and the response names another charset. */
function textOf(bytes: Buffer, contentType: string | null): string {
  const named = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? "")?.[1];
  if (named !== undefined && !/^utf-?8$/i.test(named)) {
    for (const [charset, fatal] of [
      ["utf-8", true],
      [named, false],
    ] as const) {
      try {
        const text = new TextDecoder(charset, { fatal }).decode(bytes);
        // In UTF-16, text in Latin letters is valid UTF-8 with a NUL after each.
        if (!text.includes("\0")) return text;
      } catch {
        // Not of that charset, or none that is known here.
      }
    }
  }
  const text = bytes.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** @see https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/** Whether a response with this status to this method can have a body at all. */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== "HEAD" && !NULL_BODY_STATUSES.has(status);
}

/** undici's response headers as the platform's. */
export function responseHeaders(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) {
      try {
        headers.append(name, one);
      } catch {
        // Headers reject values beyond Latin-1, and no header that matters here has one.
      }
    }
  }
  return headers;
}

/** What Response accepts as its `statusText`. @see https://www.rfc-editor.org/rfc/rfc9112#section-4 */
export function reasonPhrase(statusText: string | undefined): string {
  return statusText !== undefined && /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : "";
}
