import type { ToolCallOutput, ToolContent } from "@/lib/contracts/chat/chat";
import { oneLine } from "@/lib/untrusted-text";

/** An image in a tool's answer: its bytes, or why they are not drawn. */
export type ToolImage = { alt: string } & (
  | { kind: "image"; url: string; width: number; height: number }
  | { kind: "no-image"; problem: "broken" | "too-large" }
);

const rasterTypes: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Drawn, an image takes 4 bytes a pixel, however small its file is. */
const mostPixels = 32_000_000;
/** Characters of what a server calls an image. */
const longestName = 80;

/** Null: the piece is not an image that a browser draws without running any of it. */
export function readToolImage(piece: ToolContent): ToolImage | null {
  const { mimeType, data, name } = partsOf(piece);
  if (!mimeType || !rasterTypes.includes(mimeType.toLowerCase())) return null;
  const alt = name ? oneLine(name).slice(0, longestName) : "";
  if (piece.omitted === "too-large") return { kind: "no-image", problem: "too-large", alt };
  if (!data) return null;
  const bytes = decoded(data);
  const size = bytes === null ? null : imageSize(bytes);
  if (!size) return { kind: "no-image", problem: "broken", alt };
  const { type, width, height } = size;
  if (width * height > mostPixels) return { kind: "no-image", problem: "too-large", alt };
  return { kind: "image", url: `data:${type};base64,${data}`, width, height, alt };
}

/** All images in a tool's answer. @param output the server's own, perhaps not as promised */
export function toolImages(output: unknown): ToolImage[] {
  const content = (output as Partial<ToolCallOutput> | null | undefined)?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap((piece: unknown) =>
    typeof piece === "object" && piece !== null ? (readToolImage(piece as ToolContent) ?? []) : [],
  );
}

/** An image's label: from its server, otherwise its position in the answer. */
export function imageWords({ alt }: ToolImage, index: number, title: string): string {
  return alt || `Image ${index + 1} from ${title.slice(0, longestName)}`;
}

function partsOf(piece: ToolContent) {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  if (piece.type === "image") {
    return { mimeType: text(piece.mimeType), data: text(piece.data), name: text(piece.name) };
  }
  if (piece.type !== "resource") return { mimeType: undefined, data: undefined, name: undefined };
  const { mimeType, blob, uri } = (piece.resource ?? {}) as Record<string, unknown>;
  return { mimeType: text(mimeType), data: text(blob), name: text(uri) };
}

function decoded(base64: string): string | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  try {
    return atob(base64);
  } catch {
    return null;
  }
}

/** What a browser draws from bytes without running any of it; SVG is a document with scripts. */
type RasterType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

type ImageSize = { type: RasterType; width: number; height: number };

/**
 * What an image's first bytes say about it, whatever it was sent as; null: they are none of these.
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

/** Segment by segment to the one that starts a frame. */
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
