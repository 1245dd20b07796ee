import { Duplex, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { joinedStream } from "@/lib/joined-stream";
import { asOutboundError, unreachable } from "@/lib/net/failure";

/** Unread bytes at which the connection is paused. */
const HIGH_WATER_MARK = 64 * 1024;

interface BodySource {
  /** Called when the reader wants more, as the connection may be paused. */
  onWanted(): void;
  /** Called when the rest is not needed. */
  onCancelled(): void;
}

/**
 * The body of a response as it arrives. It is read either whole or as a stream: a web stream costs several
 * times as much as a small response does, so none is created unless requested.
 */
export class ArrivingBody {
  readonly #source: BodySource;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #whole: { resolve(bytes: Buffer): void; reject(error: unknown): void } | null = null;
  #stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  #end: { error?: unknown } | null = null;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** @returns whether there is room for more before the next read */
  push(chunk: Uint8Array): boolean {
    if (this.#stream) {
      this.#stream.enqueue(chunk);
      return (this.#stream.desiredSize ?? 0) > 0;
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    return this.#whole !== null || this.#waitingBytes < HIGH_WATER_MARK;
  }

  end(): void {
    this.#end = {};
    if (this.#whole) this.#whole.resolve(this.#taken());
    else this.#stream?.close();
  }

  fail(error: unknown): void {
    this.#end = { error };
    if (this.#whole) this.#whole.reject(error);
    else {
      this.#stream?.error(error);
      this.#chunks = [];
    }
  }

  /** What came before the body broke off, if it was read whole. */
  arrived(): Buffer {
    return this.#taken();
  }

  /** The whole body; may be called once. */
  whole(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#end === null) {
        this.#whole = { resolve, reject };
        this.#source.onWanted();
      } else if ("error" in this.#end) reject(this.#end.error);
      else resolve(this.#taken());
    });
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          for (const chunk of this.#chunks) controller.enqueue(chunk);
          this.#chunks = [];
          if (this.#end === null) this.#stream = controller;
          else if ("error" in this.#end) controller.error(this.#end.error);
          else controller.close();
        },
        pull: () => {
          if (this.#end === null) this.#source.onWanted();
        },
        cancel: () => {
          if (this.#end === null) this.#source.onCancelled();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }),
    );
  }

  #taken(): Buffer {
    const chunks = this.#chunks;
    this.#chunks = [];
    const [first] = chunks;
    if (chunks.length === 1 && first) {
      return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
    }
    return Buffer.concat(chunks);
  }
}

/**
 * Usher asks for `identity`, as compressed event streams arrive late and compressed responses can grow
 * without limit. Some servers compress regardless; their responses are decoded here.
 */
const DECODERS: Readonly<Record<string, (start: Uint8Array) => Transform>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  // Some leave out the header of RFC 1950.
  deflate: (start) => (isZlib(start) ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
};
/** A header may name thousands, and each decoder costs memory. */
const MOST_CODINGS = 3;
/** Any other name is no coding: some servers write a charset there. */
const UNREADABLE =
  /^(zstd|compress|x-compress|dcb|dcz|exi|pack200-gzip|lzma|xz|bzip2|x-bzip2|lz4|snappy)$/;

/**
 * The body before its `Content-Encoding`, at most `maxResponseBytes` of it. Removes the
 * headers that apply only to the encoded body.
 *
 * @throws {UnreachableError} `reset`: the coding is unknown. Later, as the stream's error: `reset`,
 *   the encoded data are damaged, or `too_large`.
 */
export function decodeBody(
  body: ReadableStream<Uint8Array>,
  headers: Headers,
  limits: { maxResponseBytes: number | null; host: string },
): ReadableStream<Uint8Array> {
  const names = (headers.get("content-encoding") ?? "").toLowerCase().split(",");
  const codings = names.map((name) => name.trim());
  const known = codings.filter((coding) => Object.hasOwn(DECODERS, coding));
  if (known.length > MOST_CODINGS || codings.some((coding) => UNREADABLE.test(coding))) {
    throw unreachable("reset", limits.host, {
      explanation: "answered in a compression that Usher did not ask for and cannot read.",
    });
  }
  if (known.length === 0) return body;
  headers.delete("content-encoding");
  headers.delete("content-length");
  // Between two as well: a short body may expand to any length there, and to nothing after it.
  return known.reduceRight((encoded, coding) => limited(decodeOnce(encoded, coding), limits), body);
}

/** A body that is not encoded passes as it is: some proxies decode it and leave the header. */
function decodeOnce(body: ReadableStream<Uint8Array>, coding: string): ReadableStream<Uint8Array> {
  let decoding: Promise<ReadableStreamDefaultReader<Uint8Array>> | null = null;
  const reader = body.getReader();
  const begin = async () => {
    const first = await reader.read();
    const start = first.value ?? new Uint8Array();
    const whole = joinedStream(first.done ? [] : [start], reader);
    const makeDecoder = isPlain(start, coding) ? undefined : DECODERS[coding];
    if (!makeDecoder) return whole.getReader();
    const decoder = Duplex.toWeb(makeDecoder(start)) as TransformStream<Uint8Array, Uint8Array>;
    return whole.pipeThrough(decoder).getReader();
  };
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      decoding ??= begin();
      await pass(await decoding, controller);
    },
    cancel: async (reason) => (decoding ? (await decoding).cancel(reason) : reader.cancel(reason)),
  });
}

async function pass(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  controller: ReadableStreamDefaultController<Uint8Array>,
): Promise<void> {
  const { done, value } = await reader.read();
  if (done) controller.close();
  else controller.enqueue(value);
}

/** So many printable characters begin no compressed body, except by a rare chance. */
const SHOWS_TEXT = 12;

function isPlain(start: Uint8Array, coding: string): boolean {
  if (start.length === 0) return true;
  if (coding.endsWith("gzip")) return start[0] !== 0x1f;
  const beginning = Buffer.from(start.subarray(0, SHOWS_TEXT)).toString("latin1");
  return beginning.length === SHOWS_TEXT && /^[\t\n\r\x20-\x7e]+$/.test(beginning);
}

/** @see https://www.rfc-editor.org/rfc/rfc1950#section-2.2 */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function limited(
  body: ReadableStream<Uint8Array>,
  { maxResponseBytes, host }: { maxResponseBytes: number | null; host: string },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let received = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw asOutboundError(error, host);
      });
      if (done) {
        controller.close();
        return;
      }
      received += value.byteLength;
      if (maxResponseBytes !== null && received > maxResponseBytes) {
        const tooLarge = unreachable("too_large", host);
        await reader.cancel(tooLarge);
        throw tooLarge;
      }
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
