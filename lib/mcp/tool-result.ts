import { isJsonObject, type JsonObject, textIn } from "@/lib/mcp/reading/json-object";
import {
  bytesOf,
  isBase64,
  mimeTypeOf,
  sniffed,
  textOfBlob,
  usualTypes,
  withoutDataUrl,
} from "@/lib/mcp/reading/media";
import { oneLine } from "@/lib/untrusted-text";

/** A piece of a tool's answer, in MCP's own form. All of it is the server's own, untrusted. */
export type McpContent =
  | { type: "text"; text: string }
  /** `data` is base64. */
  | { type: "image" | "audio"; data: string; mimeType: string }
  | {
      type: "resource_link";
      uri: string;
      name: string;
      title?: string;
      description?: string;
      mimeType?: string;
    }
  | {
      type: "resource";
      resource: { uri: string; mimeType?: string; text: string } | BlobResource;
    };

/** `blob` is base64. */
type BlobResource = { uri: string; mimeType?: string; blob: string };

export type McpToolResult = {
  content: McpContent[];
  /** Any JSON value; absent if the tool gave none. If it is too large it is truncated, and says so. */
  structuredContent?: unknown;
  /** The tool ran and reports a failure; `content` or `structuredContent` says why. */
  isError: boolean;
  /** True: something was truncated or left out; the content says so in place. */
  truncated: boolean;
};

export type ResultLimits = {
  /** For all text and structured content together, in bytes of UTF-8. */
  textBytes: number;
  /** For all images, audio and binary resources together, in characters of base64. */
  binaryCharacters: number;
  parts: number;
};

export const resultLimits: ResultLimits = {
  textBytes: 1024 * 1024,
  binaryCharacters: 8 * 1024 * 1024,
  parts: 1_000,
};

/**
 * A tool's answer, within limits, read part by part: truncated or unreadable parts are marked in
 * place. It never throws, whatever came.
 */
export function toolResult(result: unknown, limits: ResultLimits = resultLimits): McpToolResult {
  const answer = isJsonObject(result) ? result : {};
  const room: Room = { ...limits, truncated: false };
  const parts = partsOf(answer);
  const content = parts.slice(0, limits.parts).map((part) => readPart(part, room));
  if (parts.length > limits.parts) {
    room.truncated = true;
    content.push(tooMuch(`${parts.length - limits.parts} more parts of this answer were left out`));
  }
  const structured = fittedJson(answer.structuredContent ?? undefined, room);
  return {
    content,
    ...(structured === undefined ? {} : { structuredContent: structured }),
    isError: answer.isError === true || answer.isError === "true",
    truncated: room.truncated,
  };
}

/** `toolResult` is the name that servers used before November 2024. */
function partsOf({ content, toolResult: older }: JsonObject): readonly unknown[] {
  const given = content ?? older;
  if (given === undefined || given === null) return [];
  return Array.isArray(given) ? given : [given];
}

type Room = ResultLimits & { truncated: boolean };

function readPart(part: unknown, room: Room): McpContent {
  if (typeof part === "string") return { type: "text", text: cutText(part, room) };
  if (!isJsonObject(part)) return unread("a part that is no object");
  switch (part.type) {
    case "text":
      return readText(part, room);
    case "image":
    case "audio":
      return readMedia(part.type, part, room);
    case "resource_link":
      return readLink(part, room);
    case "resource":
      return readResource(part, room);
    default:
      return readUnknown(part, room);
  }
}

function readText({ text }: JsonObject, room: Room): McpContent {
  if (typeof text === "string") return { type: "text", text: cutText(text, room) };
  if (text === undefined || text === null) return unread("a text without words");
  return { type: "text", text: cutText(asJson(text), room) };
}

function readMedia(type: "image" | "audio", part: JsonObject, room: Room): McpContent {
  const nested = isJsonObject(part.source) ? part.source : part;
  const given = textIn(nested.data) ?? textIn(part.url) ?? textIn(part.blob);
  const named = mimeTypeOf(part) ?? mimeTypeOf(nested);
  const what = type === "image" ? "an image" : "a sound";
  if (given === undefined) return unread(`${what} without data`);
  const { data, mimeType: inUrl } = withoutDataUrl(given);
  if (!isBase64(data)) return unread(`${what} that is no base64`);
  const mimeType = inUrl ?? named ?? sniffed(data) ?? usualTypes[type];
  return takeBinary(data, room)
    ? { type, data, mimeType }
    : tooMuch(`${what} of ${inWords(bytesOf(data))} was left out`);
}

function readLink(part: JsonObject, room: Room): McpContent {
  const uri = textIn(part.uri) ?? textIn(part.url);
  if (uri === undefined) return unread("a link without an address");
  const title = textIn(part.title);
  const description = textIn(part.description);
  const mimeType = mimeTypeOf(part);
  return {
    type: "resource_link",
    uri: cutText(uri, room),
    name: cutText(textIn(part.name) ?? uri, room),
    ...(title === undefined ? {} : { title: cutText(title, room) }),
    ...(description === undefined ? {} : { description: cutText(description, room) }),
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}

function readResource(part: JsonObject, room: Room): McpContent {
  // Some put its fields where the resource should be.
  const resource = isJsonObject(part.resource) ? part.resource : part;
  const mimeType = mimeTypeOf(resource);
  const uri = cutText(textIn(resource.uri) ?? textIn(resource.name) ?? "", room);
  const about = { uri, ...(mimeType === undefined ? {} : { mimeType }) };
  const { text, blob } = resource;
  if (typeof text === "string") {
    return { type: "resource", resource: { ...about, text: cutText(text, room) } };
  }
  if (text !== undefined && text !== null) {
    return { type: "resource", resource: { ...about, text: cutText(asJson(text), room) } };
  }
  if (typeof blob !== "string") {
    return uri === ""
      ? unread("a file without contents")
      : { type: "resource_link", name: uri, ...about };
  }
  const { data, mimeType: inUrl } = withoutDataUrl(blob);
  if (!isBase64(data))
    return { type: "resource", resource: { ...about, text: cutText(blob, room) } };
  const words = textOfBlob(data, inUrl ?? mimeType);
  if (words !== null) {
    return { type: "resource", resource: { ...about, text: cutText(words, room) } };
  }
  return takeBinary(data, room)
    ? {
        type: "resource",
        resource: { ...about, ...(inUrl ? { mimeType: inUrl } : {}), blob: data },
      }
    : tooMuch(`a file of ${inWords(bytesOf(data))} was left out`);
}

/** Of a kind that MCP does not define, or without one: its plain text stays. */
function readUnknown(part: JsonObject, room: Room): McpContent {
  const kind = typeof part.type === "string" ? oneLine(part.type, 40) : "";
  if (kind === "") {
    if (typeof part.text === "string") return { type: "text", text: cutText(part.text, room) };
    if (isJsonObject(part.resource)) return readResource(part, room);
    return unread("a part without a kind");
  }
  const mimeType = mimeTypeOf(part);
  const data = textIn(part.data);
  const about = [
    mimeType,
    data === undefined ? undefined : inWords(bytesOf(data)),
    textIn(part.name),
    textIn(part.uri) ?? textIn(part.url),
  ].flatMap((each) => (each === undefined ? [] : [oneLine(each, 200)]));
  const named = unread(`a part of the kind “${kind}”${about.map((each) => `, ${each}`).join("")}`);
  if (typeof part.text !== "string" || named.type !== "text") return named;
  return { type: "text", text: `${cutText(part.text, room)}\n${named.text}` };
}

function cutText(text: string, room: Room): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= room.textBytes) {
    room.textBytes -= bytes;
    return text;
  }
  const kept = firstBytes(text, room.textBytes);
  room.textBytes = 0;
  room.truncated = true;
  return `${kept}\n\n[Cut here by Usher: ${inWords(bytes)} of text, of which ${inWords(Buffer.byteLength(kept))} are kept. Ask for less at once.]`;
}

function firstBytes(text: string, most: number): string {
  // `stream` omits a character that the cut split.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, most), { stream: true });
}

function takeBinary(data: string, room: Room): boolean {
  if (data.length <= room.binaryCharacters) {
    room.binaryCharacters -= data.length;
    return true;
  }
  room.truncated = true;
  return false;
}

/** A value that is too large becomes the beginning of its JSON, with a mark. */
function fittedJson(value: unknown, room: Room): unknown {
  if (value === undefined) return undefined;
  const json = asJson(value);
  if (Buffer.byteLength(json) > room.textBytes) return cutText(json, room);
  room.textBytes -= Buffer.byteLength(json);
  return value;
}

function asJson(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** Content that cannot be read, marked in its place. */
function unread(what: string): McpContent {
  return { type: "text", text: `[Usher: ${what} stands here, which cannot be read.]` };
}

function tooMuch(what: string): McpContent {
  return { type: "text", text: `[Usher: ${what}; it is more than Usher keeps of one answer.]` };
}

function inWords(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
