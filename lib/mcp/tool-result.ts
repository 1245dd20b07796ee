import type { CallToolResult } from "@modelcontextprotocol/client";

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
  /** Any JSON value; absent where the tool gave none, or more than Usher keeps. */
  structuredContent?: unknown;
  /** The tool ran and failed; `content` says why. */
  isError: boolean;
  /** True: something was cut or left out; the content says so in place. */
  truncated: boolean;
};

export type ResultLimits = {
  /** Of all text and structured content together, in bytes of UTF-8. */
  textBytes: number;
  /** Of all images, sounds and binary resources together, in characters of base64. */
  binaryCharacters: number;
  parts: number;
};

export const resultLimits: ResultLimits = {
  textBytes: 1024 * 1024,
  binaryCharacters: 8 * 1024 * 1024,
  parts: 1_000,
};

/** A tool's answer in bounds; cuts are marked in place. */
export function toolResult(
  result: CallToolResult,
  limits: ResultLimits = resultLimits,
): McpToolResult {
  const room: Room = { ...limits, truncated: false };
  const content = result.content.slice(0, limits.parts).map((part) => fitted(part, room));
  if (result.content.length > limits.parts) {
    room.truncated = true;
    content.push(
      leftOut(`${result.content.length - limits.parts} more parts of this answer were left out`),
    );
  }
  const structured = fittedJson(result.structuredContent, room);
  return {
    content,
    ...(structured === undefined ? {} : { structuredContent: structured }),
    isError: result.isError === true,
    truncated: room.truncated,
  };
}

type Room = ResultLimits & { truncated: boolean };
type Part = CallToolResult["content"][number];

function fitted(part: Part, room: Room): McpContent {
  switch (part.type) {
    case "text":
      return { type: "text", text: cutText(part.text, room) };
    case "image":
    case "audio":
      return takeBinary(part.data, room)
        ? { type: part.type, data: part.data, mimeType: part.mimeType }
        : leftOut(`${article(part.type)} of ${inWords(part.data.length * 0.75)} was left out`);
    case "resource_link": {
      const { uri, name, title, description, mimeType } = part;
      return {
        type: "resource_link",
        uri: cutText(uri, room),
        name: cutText(name, room),
        ...(title === undefined ? {} : { title: cutText(title, room) }),
        ...(description === undefined ? {} : { description: cutText(description, room) }),
        ...(mimeType === undefined ? {} : { mimeType }),
      };
    }
    case "resource": {
      const { uri, mimeType } = part.resource;
      const about = { uri: cutText(uri, room), ...(mimeType === undefined ? {} : { mimeType }) };
      if ("text" in part.resource) {
        return {
          type: "resource",
          resource: { ...about, text: cutText(part.resource.text, room) },
        };
      }
      const { blob } = part.resource;
      return takeBinary(blob, room)
        ? { type: "resource", resource: { ...about, blob } }
        : leftOut(`a file of ${inWords(blob.length * 0.75)} was left out`);
    }
  }
}

function cutText(text: string, room: Room): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= room.textBytes) {
    room.textBytes -= bytes;
    return text;
  }
  // `stream` leaves out a character that the cut went through.
  const kept = new TextDecoder().decode(Buffer.from(text).subarray(0, room.textBytes), {
    stream: true,
  });
  room.textBytes = 0;
  room.truncated = true;
  return `${kept}\n\n[Cut here by Usher: ${inWords(bytes)} of text, of which ${inWords(Buffer.byteLength(kept))} are kept. Ask for less at once.]`;
}

function takeBinary(data: string, room: Room): boolean {
  if (data.length <= room.binaryCharacters) {
    room.binaryCharacters -= data.length;
    return true;
  }
  room.truncated = true;
  return false;
}

function fittedJson(value: unknown, room: Room): unknown {
  if (value === undefined) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= room.textBytes) {
    room.textBytes -= bytes;
    return value;
  }
  room.truncated = true;
  return undefined;
}

function leftOut(what: string): McpContent {
  return { type: "text", text: `[Usher: ${what}; it is more than Usher keeps of one answer.]` };
}

function article(type: "image" | "audio"): string {
  return type === "image" ? "an image" : "a sound";
}

function inWords(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
