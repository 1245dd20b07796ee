import { Duplex, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
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
    else this.#stream?.error(error);
    this.#chunks = [];
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
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

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
  const coding = (headers.get("content-encoding") ?? "").trim().toLowerCase();
  if (coding === "" || coding === "identity") return body;

  const makeDecoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (!makeDecoder) {
    throw unreachable("reset", limits.host, {
      explanation: "answered in a compression that Usher did not ask for and cannot read.",
    });
  }
  headers.delete("content-encoding");
  headers.delete("content-length");
  const decoder = Duplex.toWeb(makeDecoder()) as TransformStream<Uint8Array, Uint8Array>;
  return limited(body.pipeThrough(decoder), limits);
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
