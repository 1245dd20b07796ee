/**
 * Follows what the database sends back, to determine whether it is still alive: after a PANIC, for example from a
 * full disk, PGlite accepts every message and answers none.
 */
export class BackendAnswer {
  #pending: Buffer = Buffer.alloc(0);
  #last = "";
  /** The text of a FATAL or PANIC. */
  fatal: string | null = null;

  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= 5) {
      const length = 1 + this.#pending.readInt32BE(1);
      if (this.#pending.length < length) return;
      const message = this.#pending.subarray(0, length);
      this.#pending = this.#pending.subarray(length);
      this.#last = String.fromCharCode(message[0] ?? 0);
      if (this.#last === "E") this.#readError(message.subarray(5));
    }
  }

  /** Whether a whole batch was answered: ready for the next one, or for the data of a COPY. */
  get isComplete(): boolean {
    return ["Z", "G", "W"].includes(this.#last);
  }

  #readError(body: Buffer): void {
    const fields = new Map(
      body
        .toString("utf8")
        .split("\0")
        .map((field) => [field[0] ?? "", field.slice(1)]),
    );
    const severity = fields.get("V") ?? fields.get("S") ?? "";
    if (severity === "FATAL" || severity === "PANIC") this.fatal = fields.get("M") ?? severity;
  }
}
