import type { ToolCallOutput, ToolContent } from "@/lib/contracts/chat/chat";
import { oneLine } from "@/lib/untrusted-text";
import { imageSize } from "./image-size";

/** An image of a tool's answer: its bytes at hand, or why they are not drawn. */
export type ToolImage = { alt: string } & (
  | { kind: "image"; url: string; width: number; height: number }
  | { kind: "no-image"; problem: "broken" | "too-large" }
);

const rasterTypes: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Drawn, an image takes 4 bytes a pixel, however small its file is. */
const mostPixels = 32_000_000;
/** Characters of what a server calls an image. */
const longestName = 80;

/** Null: the piece is no image that a browser draws without running any of it. */
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

/** All images of a tool's answer. @param output the server's own, perhaps not as promised */
export function toolImages(output: unknown): ToolImage[] {
  const content = (output as Partial<ToolCallOutput> | null | undefined)?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap((piece: unknown) =>
    typeof piece === "object" && piece !== null ? (readToolImage(piece as ToolContent) ?? []) : [],
  );
}

/** What an image is called where it is drawn: by its server, else by its place in the answer. */
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
