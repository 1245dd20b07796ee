import { isJsonObject, type JsonObject, textIn } from "@/lib/bounded-json";
import {
  base64In,
  bytesOf,
  isBase64,
  mimeTypeOf,
  sniffed,
  standardBase64,
  textOfBlob,
  usualTypes,
  withoutDataUrl,
} from "@/lib/mcp/reading/media";
import { asJson, inWords, type Room, takeBinary, takeText } from "@/lib/mcp/reading/room";
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

/** A part of an answer, whatever it is; what is too large or cannot be read is marked in its place. */
export function readPart(part: unknown, room: Room): McpContent {
  if (["string", "number", "boolean"].includes(typeof part)) {
    return { type: "text", text: takeText(String(part), room) };
  }
  if (!isJsonObject(part)) return unread("a part that is no object");
  const kind = typeof part.type === "string" ? usualKinds.get(part.type.toLowerCase()) : undefined;
  switch (kind) {
    case "text":
      return readText(part, room);
    case "image":
    case "audio":
      return readMedia(kind, part, room);
    case "resource_link":
      return readLink(part, room);
    case "resource":
      return readResource(part, room);
    default:
      return readUnknown(part, room);
  }
}

/** Kinds under the names of other protocols, and in other spellings. */
const usualKinds: ReadonlyMap<string, McpContent["type"]> = new Map([
  ["text", "text"],
  ["image", "image"],
  ["image_url", "image"],
  ["input_image", "image"],
  ["audio", "audio"],
  ["resource", "resource"],
  ["embedded_resource", "resource"],
  ["embeddedresource", "resource"],
  ["resource_link", "resource_link"],
  ["resourcelink", "resource_link"],
  ["resource-link", "resource_link"],
  ["link", "resource_link"],
]);

function readText(part: JsonObject, room: Room): McpContent {
  if (typeof part.text === "string") return { type: "text", text: takeText(part.text, room) };
  const words = wordsOf(part);
  return words === ""
    ? unread("a text without words")
    : { type: "text", text: takeText(words, room) };
}

function readMedia(type: "image" | "audio", part: JsonObject, room: Room): McpContent {
  const nested = [part.source, part.image_url].find(isJsonObject) ?? part;
  const given =
    base64In(nested.data) ?? textIn(nested.url) ?? textIn(part.image_url) ?? textIn(part.blob);
  const named = mimeTypeOf(part) ?? mimeTypeOf(nested);
  const what = type === "image" ? "an image" : "a sound";
  if (given === undefined) return unread(`${what} without data`);
  // Usher loads nothing from an address: it is told, and may be opened by a person.
  if (/^https?:\/\//i.test(given)) {
    return readLink({ name: what, ...part, uri: given, mimeType: named }, room);
  }
  const { data: encoded, mimeType: inUrl } = withoutDataUrl(given);
  if ((inUrl ?? named) === "image/svg+xml" && encoded.trimStart().startsWith("<")) {
    return { type: "text", text: takeText(encoded, room) };
  }
  if (!isBase64(encoded)) return unread(`${what} that is no base64`);
  const data = standardBase64(encoded);
  // Models refuse a whole request for an image that is not of the type that it says.
  const mimeType = sniffed(type, data) ?? inUrl ?? named ?? usualTypes[type];
  return takeBinary(data, room)
    ? { type, data, mimeType }
    : tooMuch(`${what} of ${inWords(bytesOf(data))} was left out`);
}

function readLink(given: JsonObject, room: Room): McpContent {
  const part = isJsonObject(given.resource) ? { ...given.resource, ...given } : given;
  const uri = textIn(part.uri) ?? textIn(part.url) ?? textIn(part.href);
  if (uri === undefined) return unread("a link without an address");
  const title = textIn(part.title);
  const description = textIn(part.description);
  const mimeType = mimeTypeOf(part);
  return {
    type: "resource_link",
    uri: takeText(uri, room),
    name: takeText(textIn(part.name) ?? uri, room),
    ...(title === undefined ? {} : { title: takeText(title, room) }),
    ...(description === undefined ? {} : { description: takeText(description, room) }),
    ...(mimeType === undefined ? {} : { mimeType }),
  };
}

function readResource(part: JsonObject, room: Room): McpContent {
  // Some put its fields where the resource should be.
  const [first] = Array.isArray(part.resource) ? part.resource : [part.resource];
  const itself: JsonObject = typeof first === "string" ? { ...part, uri: first } : part;
  const given = isJsonObject(first) ? first : itself;
  const [content] = Array.isArray(given.contents) ? given.contents : [];
  const resource = isJsonObject(content) ? { ...given, ...content } : given;
  const mimeType = mimeTypeOf(resource);
  const uri = takeText(textIn(resource.uri) ?? textIn(resource.name) ?? "", room);
  const about = { uri, ...(mimeType === undefined ? {} : { mimeType }) };
  const { blob } = resource;
  // Go writes an empty text beside a blob.
  const text = resource.text === "" && blob ? undefined : resource.text;
  if (typeof text === "string") {
    return { type: "resource", resource: { ...about, text: takeText(text, room) } };
  }
  if (text !== undefined && text !== null) {
    return { type: "resource", resource: { ...about, text: takeText(asJson(text), room) } };
  }
  if (typeof blob !== "string") {
    return uri === ""
      ? unread("a file without contents")
      : { type: "resource_link", name: uri, ...about };
  }
  const { data: encoded, mimeType: inUrl } = withoutDataUrl(blob);
  if (!isBase64(encoded)) {
    return { type: "resource", resource: { ...about, text: takeText(blob, room) } };
  }
  const data = standardBase64(encoded);
  const words = textOfBlob(data, inUrl ?? mimeType);
  if (words !== null) {
    return { type: "resource", resource: { ...about, text: takeText(words, room) } };
  }
  return takeBinary(data, room)
    ? {
        type: "resource",
        resource: { ...about, ...(inUrl ? { mimeType: inUrl } : {}), blob: data },
      }
    : tooMuch(`a file of ${inWords(bytesOf(data))} was left out`);
}

/** Of a kind that MCP does not define, or without one: as much as can be read of it. */
function readUnknown(part: JsonObject, room: Room): McpContent {
  const kind = typeof part.type === "string" ? oneLine(part.type, 40) : "";
  if (kind === "" && isJsonObject(part.resource)) return readResource(part, room);
  const mimeType = mimeTypeOf(part);
  const data = isOwnObject(part) ? undefined : (textIn(part.data) ?? textIn(part.blob));
  if (data !== undefined && mimeType !== undefined) {
    const media = /^(image|audio)\//.exec(mimeType)?.[1] as "image" | "audio" | undefined;
    if (media) return readMedia(media, part, room);
    const isText = isBase64(data) && textOfBlob(data, mimeType) !== null;
    if (isText) return readResource({ ...part, blob: data }, room);
  }
  const words = wordsOf(part);
  if (words !== "" && data === undefined) return { type: "text", text: takeText(words, room) };
  const about = [
    mimeType,
    data === undefined ? undefined : inWords(bytesOf(data)),
    textIn(part.name),
    textIn(part.uri) ?? textIn(part.url),
  ].flatMap((each) => (each === undefined ? [] : [oneLine(each, 200)]));
  const what = kind === "" ? "a part without a kind" : `a part of the kind “${kind}”`;
  const named = unread([what, ...about].join(", "));
  return words === "" || named.type !== "text"
    ? named
    : { type: "text", text: `${takeText(words, room)}\n${named.text}` };
}

/** What describes a part's content, and is not the content. */
const descriptions: ReadonlySet<string> = new Set([
  ...["type", "text", "mimeType", "mime_type", "media_type", "annotations", "_meta"],
  ...["name", "uri", "url", "title", "description"],
]);
const descriptionsOfAny: ReadonlySet<string> = new Set(["type", "text", "annotations", "_meta"]);

/** No part, but what the tool returns, such as a row: then every field is content. */
function isOwnObject(part: JsonObject): boolean {
  return typeof part.type !== "string" && mimeTypeOf(part) === undefined;
}

/** Fields that say no more than that their value is the content. */
const contents: ReadonlySet<string> = new Set([
  ...["content", "value", "json", "data", "message", "output", "result", "body", "payload"],
  ...["error", "detail", "reason"],
]);

/** Its text, and whatever else it has, as JSON. */
function wordsOf(part: JsonObject): string {
  const isOwn = isOwnObject(part);
  const described = isOwn ? descriptionsOfAny : descriptions;
  const isData = (name: string, value: unknown) =>
    !isOwn && isBinary(name) && typeof value === "string";
  const others = Object.entries(part).filter(
    ([name, value]) => !described.has(name) && !isData(name, value),
  );
  const [[name, only] = ["", undefined], ...more] = others;
  const isContent = contents.has(name) || name === part.type || (part.type && isJsonObject(only));
  const rest = others.length === 0 ? undefined : Object.fromEntries(others);
  return [part.text, isContent && more.length === 0 ? only : rest]
    .flatMap((each) => (each === undefined || each === null ? [] : [inText(each)]))
    .join("\n");
}

const isBinary = (name: string) => name === "data" || name === "blob";
/** Longer than any word: a file in base64. */
const MOST_OF_A_WORD = 1_000;

function inText(value: unknown): string {
  if (typeof value === "string") return value;
  const text = JSON.stringify(value, (_, each: unknown) => {
    const isFile = typeof each === "string" && each.length > MOST_OF_A_WORD && !/\s/.test(each);
    return isFile ? `[${inWords(bytesOf(each))}]` : each;
  });
  return text ?? "";
}

/** Content that cannot be read, marked in its place. */
function unread(what: string): McpContent {
  return { type: "text", text: `[Usher: ${what} stands here, which cannot be read.]` };
}

export function tooMuch(what: string): McpContent {
  return { type: "text", text: `[Usher: ${what}; it is more than Usher keeps of one answer.]` };
}
