import { readToolImage, type ToolImage } from "@/components/chat/tool-images/read-tool-image";
import { parseBoundedJson } from "@/lib/bounded-json";
import type { ToolCallOutput, ToolContent } from "@/lib/contracts/chat/chat";
import { parseUrl } from "@/lib/parse-url";

/** A tool's answer, piece by piece, as something that can be shown without being trusted. */
export type ResultPiece =
  | { kind: "text"; text: string; title: string | null }
  | { kind: "image"; image: ToolImage }
  /** Named only: it is neither fetched nor played. */
  | { kind: "mention"; title: string; url: string | null };

const longestIndented = 200_000;
const deepestIndented = 50;
/** Characters of a name or an address. */
const longestTitle = 300;
const longestAddress = 2_000;

/** @param output of a `dynamic-tool` part: the server's own, untrusted, perhaps not as promised */
export function readToolResult(output: unknown): { pieces: ResultPiece[]; truncated: boolean } {
  if (!isOutput(output)) {
    return { pieces: [{ kind: "text", text: prettyJson(output), title: null }], truncated: false };
  }
  const pieces = output.content.map(readPiece);
  if (pieces.length === 0 && output.structuredContent !== undefined) {
    pieces.push({ kind: "text", text: prettyJson(output.structuredContent), title: null });
  }
  return { pieces, truncated: output.truncated === true };
}

function readPiece(piece: ToolContent): ResultPiece {
  if (piece.type === "text") {
    return { kind: "text", text: prettyText(piece.text ?? ""), title: null };
  }
  const image = readToolImage(piece);
  if (image) return { kind: "image", image };
  const inner = piece.type === "resource" ? readResource(piece.resource) : null;
  if (inner?.text != null)
    return { kind: "text", text: prettyText(inner.text), title: short(inner.uri) };
  const uri = piece.uri ?? inner?.uri ?? null;
  const words = [piece.name ?? uri, piece.type.replaceAll("_", " "), piece.mimeType].filter(
    Boolean,
  );
  return { kind: "mention", title: short(words.join(" · ")), url: webAddress(uri) };
}

function short<Text extends string | null>(text: Text): Text | string {
  return text && text.length > longestTitle ? `${text.slice(0, longestTitle)}…` : text;
}

function readResource(value: unknown): { text: string | null; uri: string | null } {
  if (typeof value !== "object" || value === null) return { text: null, uri: null };
  const { text, uri } = value as { text?: unknown; uri?: unknown };
  return {
    text: typeof text === "string" ? text : null,
    uri: typeof uri === "string" ? uri : null,
  };
}

function webAddress(uri: string | null): string | null {
  if (!uri || uri.length > longestAddress) return null;
  return /^https?:\/\//i.test(uri) && parseUrl(uri) ? uri : null;
}

/** Indented if the text is a JSON object or list; otherwise as it came. */
function prettyText(text: string): string {
  if (!/^\s*[[{]/.test(text) || !isWorthIndenting(text)) return text;
  try {
    return prettyJson(parseBoundedJson(text));
  } catch {
    return text;
  }
}

export function prettyJson(value: unknown): string {
  let json: string;
  try {
    json = JSON.stringify(value) ?? "";
  } catch {
    // Lists nested thousands of levels deep.
    return "This is nested too deeply to be shown.";
  }
  return json !== "" && isWorthIndenting(json) ? JSON.stringify(value, null, 2) : json;
}

/** Each level is indented further: with thousands of them a text would grow a thousandfold. */
function isWorthIndenting(json: string): boolean {
  if (json.length > longestIndented) return false;
  let depth = 0;
  for (const [bracket] of json.matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth > deepestIndented) return false;
  }
  return true;
}

function isOutput(output: unknown): output is ToolCallOutput {
  return (
    typeof output === "object" &&
    output !== null &&
    "content" in output &&
    Array.isArray(output.content)
  );
}
