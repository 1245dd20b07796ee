/**
 * Splits the bytes that a Postgres client sends into messages.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class FrontendMessages {
  #pending = Buffer.alloc(0);
  #started = false;

  /** Accepts bytes as they arrive; returns the messages that are now complete. */
  push(bytes: Buffer): FrontendMessage[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const messages: FrontendMessage[] = [];
    for (let next = this.#shift(); next; next = this.#shift()) messages.push(next);
    return messages;
  }

  #shift(): FrontendMessage | undefined {
    // Before startup, a client sends messages without a type.
    const typeLength = this.#started ? 1 : 0;
    if (this.#pending.length < typeLength + 4) return undefined;
    const length = typeLength + this.#pending.readInt32BE(typeLength);
    if (length < typeLength + 4) throw new Error("A message of impossible length.");
    if (this.#pending.length < length) return undefined;
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return {
      type: this.#started ? String.fromCharCode(bytes[0] ?? 0) : this.#greeting(bytes),
      bytes,
    };
  }

  #greeting(bytes: Buffer): FrontendMessage["type"] {
    const code = bytes.length >= 8 ? bytes.readInt32BE(4) : 0;
    if (code === 80877103 || code === 80877104) return "encryption-request";
    if (code === 80877102) return "cancel-request";
    this.#started = true;
    return "startup";
  }
}

export interface FrontendMessage {
  /** The message's letter, or one of `startup`, `encryption-request`, `cancel-request`. */
  type: string;
  bytes: Buffer;
}

/**
 * Puts `prefix` before the name of a prepared statement, so that two clients of one session can
 * use the same name. Unnamed statements and other messages are returned unchanged.
 */
export function scopeStatementName({ type, bytes }: FrontendMessage, prefix: string): Buffer {
  const at = statementNameOffset(type, bytes);
  if (at === undefined || bytes[at] === 0) return bytes;
  const scoped = Buffer.concat([bytes.subarray(0, at), Buffer.from(prefix), bytes.subarray(at)]);
  scoped.writeInt32BE(scoped.length - 1, 1);
  return scoped;
}

function statementNameOffset(type: string, bytes: Buffer): number | undefined {
  if (type === "P") return 5;
  if (type === "B") return bytes.indexOf(0, 5) + 1;
  if ((type === "D" || type === "C") && bytes[5] === "S".charCodeAt(0)) return 6;
  return undefined;
}
