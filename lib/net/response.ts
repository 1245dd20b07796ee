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

/** Longer waits are capped: a typo must not disable a connection for a year. */
const LONGEST_MS = 24 * 60 * 60 * 1000;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
const NUMBER = /^\d{1,30}(?:\.\d+)?$/;
/** Such as `30s`, `1m30s` or `2 minutes`. */
const SPANS =
  /^(?:\d{1,9}(?:\.\d+)?\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\s*)+$/i;
const SPAN = /(\d+(?:\.\d+)?)\s*([a-z]+)/gi;
/** In seconds, a number as large as this is a point in time, and not a wait. */
const POINT_IN_TIME = 1_000_000_000;

/**
 * The wait that `Retry-After` requests, in ms; null if it contains nothing usable. It has two forms, and servers
 * write more. A point in time is measured from the response's own `Date` if there is one: then the server's
 * clock may be wrong without harm.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(headers: Headers, now: Date): number | null {
  const wait = waitIn(headers.get("retry-after"), presentOf(headers, now));
  return bounded(wait ?? numberIn(headers.get("retry-after-ms")));
}

/**
 * The same where a limit was exceeded: some servers say only when it is over. They do so in each response, so it is a
 * wait only after a 429.
 */
export function parseLimitReset(headers: Headers, now: Date): number | null {
  const from = presentOf(headers, now);
  const names = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];
  const [wait = null] = names.flatMap((name) => waitIn(headers.get(name), from) ?? []);
  return parseRetryAfter(headers, now) ?? bounded(wait);
}

function presentOf(headers: Headers, now: Date): number {
  return parseHttpDate(headers.get("date")?.trim() ?? "") ?? now.getTime();
}

function bounded(wait: number | null): number | null {
  return wait === null ? null : Math.min(Math.max(0, Math.ceil(wait)), LONGEST_MS);
}

/** @param from the present, in ms */
function waitIn(given: string | null, from: number): number | null {
  const value = given?.trim() ?? "";
  const seconds = numberIn(value);
  if (seconds !== null) {
    if (seconds < POINT_IN_TIME || seconds > POINT_IN_TIME * 1e6) return seconds * 1000;
    return (seconds < POINT_IN_TIME * 100 ? seconds * 1000 : seconds) - from;
  }
  if (SPANS.test(value))
    return [...value.matchAll(SPAN)].reduce((sum, each) => sum + span(each), 0);
  const until = ISO_DATE.test(value) ? Date.parse(value) : parseHttpDate(value);
  return until === null || Number.isNaN(until) ? null : until - from;
}

function numberIn(value: string | null): number | null {
  return value !== null && NUMBER.test(value.trim()) ? Number(value) : null;
}

function span([, amount, unit = ""]: RegExpMatchArray): number {
  const of = { m: 60_000, h: 3_600_000, s: 1_000 }[unit.charAt(0).toLowerCase()] ?? 1_000;
  return Number(amount) * (/^(ms|mil)/i.test(unit) ? 1 : of);
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
function parseHttpDate(value: string): number | null {
  if (!HTTP_DATE.test(value)) return null;
  // The oldest format names no zone and means GMT.
  const time = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(time) ? null : time;
}
