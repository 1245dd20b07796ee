import { Duplex, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { asOutboundError, unreachable } from "@/lib/net/failure";

/**
 * Usher asks for `identity`, as compressed event streams arrive late and compressed answers can grow
 * without bound. Some servers compress regardless; their answers are decoded here.
 */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body as it was before its `Content-Encoding`, at most `maxResponseBytes` of it. Takes away the
 * headers that were true of the encoded body only.
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
