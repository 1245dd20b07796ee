import { deflateSync } from "node:zlib";

/**
 * A single-colour picture that every browser can draw.
 *
 * @returns a character for each byte, as `btoa` expects it
 */
export function png(
  width: number,
  height: number,
  colour: readonly [number, number, number] = [0, 120, 140],
): string {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(colour))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]).toString("latin1");
}

/** Only the part with its size, without a picture behind it. */
export function pngHeader(width: number, height: number): string {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${size.toString("latin1")}\x08\x02\0\0\0`;
}

/** The first bytes of a JPEG, with a long comment before its size. */
export function jpegHeader(width: number, height: number): string {
  const u16 = (value: number) => String.fromCharCode(value >> 8, value & 0xff);
  const comment = "x".repeat(60_000);
  return `\xff\xd8\xff\xfe${u16(comment.length + 2)}${comment}\xff\xc2${u16(17)}\x08${u16(height)}${u16(width)}\x03${"\0".repeat(9)}`;
}

export function gifHeader(width: number, height: number): string {
  const u16 = (value: number) => String.fromCharCode(value & 0xff, value >> 8);
  return `GIF89a${u16(width)}${u16(height)}\0\0\0`;
}

/** @param form how its pixels are stored, which decides where its size is stored */
export function webpHeader(form: "VP8X" | "VP8L" | "VP8 ", width: number, height: number): string {
  const bytes = (value: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      String.fromCharCode((value >>> (8 * index)) & 0xff),
    ).join("");
  const bodies = {
    VP8X: `\0\0\0\0${bytes(width - 1, 3)}${bytes(height - 1, 3)}`,
    VP8L: `\x2f${bytes((width - 1) | ((height - 1) << 14), 4)}`,
    "VP8 ": `\0\0\0\x9d\x01\x2a${bytes(width, 2)}${bytes(height, 2)}`,
  };
  return `RIFF\0\0\0\0WEBP${form}\0\0\0\0${bodies[form]}`;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** zlib's own version came with Node 22.2. @see https://www.w3.org/TR/png-3/#5CRC-algorithm */
function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
