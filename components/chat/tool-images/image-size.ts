/** What a browser draws from bytes without running any of it; SVG is a document with scripts. */
export type RasterType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

export type ImageSize = { type: RasterType; width: number; height: number };

/**
 * What an image's first bytes say of it, whatever it was sent as; null: they are none of these.
 *
 * @param bytes a character for each byte, as `atob` returns them
 * @see https://www.w3.org/TR/png-3/#11IHDR, https://www.w3.org/Graphics/GIF/spec-gif89a.txt §18,
 *   https://developers.google.com/speed/webp/docs/riff_container, ITU T.81 §B.2.2
 */
export function imageSize(bytes: string): ImageSize | null {
  const size = pngSize(bytes) ?? gifSize(bytes) ?? webpSize(bytes) ?? jpegSize(bytes);
  return size && size.width > 0 && size.height > 0 ? size : null;
}

function pngSize(bytes: string): ImageSize | null {
  if (!bytes.startsWith("\x89PNG\r\n\x1a\n") || bytes.slice(12, 16) !== "IHDR") return null;
  return { type: "image/png", width: bigEndian(bytes, 16, 4), height: bigEndian(bytes, 20, 4) };
}

function gifSize(bytes: string): ImageSize | null {
  if (!/^GIF8[79]a/.test(bytes)) return null;
  return {
    type: "image/gif",
    width: littleEndian(bytes, 6, 2),
    height: littleEndian(bytes, 8, 2),
  };
}

function webpSize(bytes: string): ImageSize | null {
  if (!bytes.startsWith("RIFF") || bytes.slice(8, 12) !== "WEBP") return null;
  const type = "image/webp";
  switch (bytes.slice(12, 16)) {
    case "VP8X":
      return {
        type,
        width: littleEndian(bytes, 24, 3) + 1,
        height: littleEndian(bytes, 27, 3) + 1,
      };
    case "VP8L": {
      const bits = littleEndian(bytes, 21, 4);
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return {
        type,
        width: littleEndian(bytes, 26, 2) & 0x3fff,
        height: littleEndian(bytes, 28, 2) & 0x3fff,
      };
    default:
      return null;
  }
}

/** Segment by segment to the one that begins a frame. */
function jpegSize(bytes: string): ImageSize | null {
  if (!bytes.startsWith("\xff\xd8\xff")) return null;
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes.charCodeAt(at) !== 0xff) return null;
    const marker = bytes.charCodeAt(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const startsFrame =
      marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (startsFrame) {
      const [height, width] = [bigEndian(bytes, at + 5, 2), bigEndian(bytes, at + 7, 2)];
      return { type: "image/jpeg", width, height };
    }
    const length = bigEndian(bytes, at + 2, 2);
    if (length < 2) return null;
    at += 2 + length;
  }
  return null;
}

function bigEndian(bytes: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    value = value * 256 + (bytes.charCodeAt(index) || 0);
  }
  return value;
}

function littleEndian(bytes: string, at: number, count: number): number {
  let value = 0;
  for (let index = at + count - 1; index >= at; index -= 1) {
    value = value * 256 + (bytes.charCodeAt(index) || 0);
  }
  return value;
}
