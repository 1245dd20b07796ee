/** Taken before reading; see `ShortLived.put`. */
export type Ticket = number;

/**
 * A bounded map whose entries live for seconds, so that subsequent calls reuse what was read or opened. A
 * drop also covers reads in progress: what they put afterwards is not kept.
 */
export class ShortLived<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>();
  readonly #options: { lifetimeMs: number; mostEntries: number; now: () => Date };
  #drops: Ticket = 0;

  constructor(options: { lifetimeMs: number; mostEntries: number; now: () => Date }) {
    this.#options = options;
  }

  ticket(): Ticket {
    return this.#drops;
  }

  get(key: string): Value | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.until > this.#options.now().getTime()) return entry.value;
    this.#entries.delete(key);
    return null;
  }

  /** @param ticket taken before `value` was read */
  put(key: string, value: Value, ticket: Ticket): void {
    if (ticket !== this.#drops) return;
    const { lifetimeMs, mostEntries, now } = this.#options;
    this.#entries.delete(key);
    if (this.#entries.size >= mostEntries) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { value, until: now().getTime() + lifetimeMs });
  }

  drop(matches: (key: string) => boolean): void {
    this.#drops += 1;
    for (const key of this.#entries.keys()) {
      if (matches(key)) this.#entries.delete(key);
    }
  }
}
