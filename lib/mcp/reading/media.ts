import { type JsonObject, textIn } from "@/lib/mcp/reading/json-object";
import { oneLine } from "@/lib/untrusted-text";

/** If neither name nor bytes tell. */
export const usualTypes = { image: "image/png", audio: "audio/wav" };

export function mimeTypeOf(part: JsonObject): string | undefined {
  const given = textIn(part.mimeType) ?? textIn(part.mime_type) ?? textIn(part.media_type);
  const type = given?.trim().toLowerCase();
  return type !== undefined && /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+;= -]+$/.test(type)
    ? oneLine(type, 100)
    : undefined;
}

export function withoutDataUrl(text: string): { data: string; mimeType: string | undefined } {
  const [whole = "", type] = /^data:([^;,]*)(?:;[^,]*)?,/i.exec(text.slice(0, 200)) ?? [];
  const data = text.slice(whole.length);
  return { data, mimeType: type?.includes("/") ? type.toLowerCase() : undefined };
}

export function isBase64(data: string): boolean {
  return data !== "" && /^[A-Za-z0-9+/_=\s-]+$/.test(data);
}

/** By its first bytes. @see https://mimesniff.spec.whatwg.org/#image-type-pattern-matching-algorithm */
export function sniffed(data: string): string | undefined {
  const signatures = {
    iVBORw0KGgo: "image/png",
    "/9j/": "image/jpeg",
    R0lGOD: "image/gif",
    UklGR: "image/webp",
  };
  return Object.entries(signatures).find(([start]) => data.startsWith(start))?.[1];
}

const textTypes =
  /^(text\/|application\/(json|xml|yaml|x-yaml|toml|javascript|x-javascript|typescript|sql|graphql|x-sh|x-ndjson|jsonl|csv|rtf)\b|[^;]+\+(json|xml|yaml)\b)/i;

/** A text file's content, by its type, or by its bytes if no type is given; null: it is not text. */
export function textOfBlob(data: string, mimeType: string | undefined): string | null {
  const isNamedText = mimeType !== undefined && textTypes.test(mimeType);
  if (mimeType !== undefined && !isNamedText) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(data, "base64"));
    return isNamedText || !/[^\P{Cc}\t\n\v\f\r]/u.test(text) ? text : null;
  } catch {
    return null;
  }
}

export function bytesOf(base64: string): number {
  return base64.length * 0.75;
}
