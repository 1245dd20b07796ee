import { isJsonObject, type JsonObject, textIn } from "@/lib/bounded-json";
import { oneLine } from "@/lib/untrusted-text";

/** If neither name nor bytes tell. */
export const usualTypes = { image: "image/png", audio: "audio/wav" };

export function mimeTypeOf(part: JsonObject): string | undefined {
  const given = textIn(part.mimeType) ?? textIn(part.mime_type) ?? textIn(part.media_type);
  const lowerCase = given?.trim().toLowerCase() ?? "";
  const type = usualNames.get(lowerCase) ?? lowerCase;
  return /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+;= -]+$/.test(type) ? oneLine(type, 100) : undefined;
}

/** Names that no registry has, and no model accepts. @see https://www.iana.org/assignments/media-types */
const usualNames: ReadonlyMap<string, string> = new Map([
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
  ["image/x-png", "image/png"],
  ["audio/x-wav", "audio/wav"],
  ["audio/wave", "audio/wav"],
  ["audio/mp3", "audio/mpeg"],
]);

/** `data` is base64, or the text itself where the URL does not say base64. */
export function withoutDataUrl(text: string): { data: string; mimeType: string | undefined } {
  const [whole = "", type, more = ""] = /^data:([^;,]*)(;[^,]*)?,/i.exec(text.slice(0, 200)) ?? [];
  const rest = text.slice(whole.length);
  const isText = whole !== "" && !/base64/i.test(more) && /^\s*(<|%3c)/i.test(rest);
  const data = isText ? unescaped(rest) : rest;
  const lowerCase = type?.toLowerCase() ?? "";
  const mimeType = usualNames.get(lowerCase) ?? lowerCase;
  return { data, mimeType: mimeType.includes("/") ? mimeType : undefined };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Base64 as text, in Python's notation of bytes, or as the bytes themselves. */
export function base64In(data: unknown): string | undefined {
  if (typeof data === "string") return /^b'([^']*)'$/.exec(data)?.[1] ?? data;
  const bytes = isJsonObject(data) && data.type === "Buffer" ? data.data : data;
  if (!Array.isArray(bytes) || bytes.length === 0) return undefined;
  const isBytes = bytes.every((each) => Number.isInteger(each) && each >= 0 && each <= 255);
  return isBytes ? Buffer.from(bytes).toString("base64") : undefined;
}

export function isBase64(data: string): boolean {
  return data !== "" && /^[A-Za-z0-9+/_=\s-]+$/.test(data);
}

/** In the alphabet and on the one line that model APIs and browsers require. `data` is base64 as servers write it. */
export function standardBase64(data: string): string {
  if (!/[\s_-]/.test(data) && data.length % 4 === 0) return data;
  const digits = data.replace(/[\s=]/g, "").replaceAll("-", "+").replaceAll("_", "/");
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, "=");
}

const signatures: Readonly<Record<keyof typeof usualTypes, readonly [RegExp, string][]>> = {
  image: [
    [/^\x89PNG/, "image/png"],
    [/^\xff\xd8\xff/, "image/jpeg"],
    [/^GIF8/, "image/gif"],
    [/^RIFF....WEBP/s, "image/webp"],
  ],
  audio: [
    [/^RIFF....WAVE/s, "audio/wav"],
    [/^(ID3|\xff[\xf2\xf3\xfb])/, "audio/mpeg"],
    [/^OggS/, "audio/ogg"],
    [/^fLaC/, "audio/flac"],
  ],
};

/** By its first bytes. @see https://mimesniff.spec.whatwg.org/#image-type-pattern-matching-algorithm */
export function sniffed(type: keyof typeof usualTypes, data: string): string | undefined {
  const start = Buffer.from(data.slice(0, 24), "base64").toString("latin1");
  return signatures[type].find(([pattern]) => pattern.test(start))?.[1];
}

const textTypes =
  /^(text\/|application\/(json|xml|yaml|x-yaml|toml|javascript|x-javascript|typescript|sql|graphql|x-sh|x-ndjson|jsonl|csv|rtf)\b|[^;]+\+(json|xml|yaml)\b)/i;

/** A text file's content, by its type, or by its bytes if no type is given; null: it is not text. */
export function textOfBlob(data: string, mimeType: string | undefined): string | null {
  const isNamedText = mimeType !== undefined && textTypes.test(mimeType);
  if (mimeType !== undefined && !isNamedText) return null;
  const bytes = Buffer.from(data, "base64");
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(mimeType ?? "")?.[1];
  const text = decoded(bytes, "utf-8") ?? (charset ? decoded(bytes, charset) : null);
  return text !== null && (isNamedText || !/[^\P{Cc}\t\n\v\f\r]/u.test(text)) ? text : null;
}

/** Null if the bytes are not in that charset, or the charset is unknown. */
function decoded(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function bytesOf(base64: string): number {
  const padding = base64.indexOf("=");
  return (padding === -1 ? base64.length : padding) * 0.75;
}
