import type { Discovery } from "./discovery";
import type { McpTarget } from "./target";

const MAX_SERVERS = 1_000;

/**
 * What each server turned out to speak: this process's own findings first, then what is stored. A
 * server that was found to have changed is asked anew, whatever is stored.
 */
export class KnownDiscoveries {
  readonly #stored: (target: McpTarget) => Promise<unknown>;
  /** By server and version of its configuration; null: ask. */
  readonly #found = new Map<string, Discovery | null>();

  constructor(stored: (target: McpTarget) => Promise<unknown>) {
    this.#stored = stored;
  }

  async of(target: McpTarget): Promise<unknown> {
    const found = this.#found.get(keyOf(target));
    return found === undefined ? this.#stored(target) : found;
  }

  remember(target: McpTarget, discovery: Discovery): void {
    this.#set(target, discovery);
  }

  forget(target: McpTarget): void {
    this.#set(target, null);
  }

  #set(target: McpTarget, discovery: Discovery | null): void {
    const key = keyOf(target);
    this.#found.delete(key);
    this.#found.set(key, discovery);
    const [oldest] = this.#found.keys();
    if (this.#found.size > MAX_SERVERS && oldest !== undefined) this.#found.delete(oldest);
  }
}

function keyOf({ serverId, version }: McpTarget): string {
  return `${serverId} ${version}`;
}
