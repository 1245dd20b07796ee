export type ResultLimits = {
  /** For all text and structured content together, in bytes of UTF-8. */
  textBytes: number;
  /** For all images, audio and binary resources together, in characters of base64. */
  binaryCharacters: number;
  parts: number;
};

/** What is left of the limits for the rest of an answer. */
export type Room = ResultLimits & { truncated: boolean };

export function takeText(text: string, room: Room): string {
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

export function takeBinary(data: string, room: Room): boolean {
  if (data.length <= room.binaryCharacters) {
    room.binaryCharacters -= data.length;
    return true;
  }
  room.truncated = true;
  return false;
}

/** A value that is too large becomes the beginning of its JSON, with a mark. */
export function fittedJson(value: unknown, room: Room): unknown {
  if (value === undefined) return undefined;
  const json = asJson(value);
  if (Buffer.byteLength(json) > room.textBytes) return takeText(json, room);
  room.textBytes -= Buffer.byteLength(json);
  return value;
}

export function asJson(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

export function inWords(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
