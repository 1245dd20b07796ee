import type { Owner, TokensOfServer } from "@/lib/db/stored-token-set";
import { ShortLived, type Ticket } from "@/lib/short-lived";
import { type TokenFacts, usable } from "./token-set";

interface CachedToken {
  accessToken: string;
  facts: TokenFacts;
  isDefault: boolean;
}

/** How long another replica's revocation or refresh may go unnoticed, in ms. */
const lifetimeMs = 3000;
const mostEntries = 10_000;

/** Unsealed access tokens, for seconds. In this process every change drops its own at once. */
export class TokenCache {
  readonly #tokens: ShortLived<CachedToken>;
  readonly #readings = new Map<string, Promise<TokensOfServer | null>>();
  /** Owners whose token the server had refused and gets once more, over any connection. */
  readonly #retried = new Set<string>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#tokens = new ShortLived({ lifetimeMs, mostEntries, now });
    this.#now = now;
  }

  ticket(): Ticket {
    return this.#tokens.ticket();
  }

  get(owner: Owner): string | null {
    const cached = this.#tokens.get(keyOf(owner));
    if (!cached) return null;
    return usable(cached.facts, this.#now()).use === "now" ? cached.accessToken : null;
  }

  /** Whether the person's calls use this account unless they choose another one. False: unknown. */
  isDefault(owner: Owner): boolean {
    return this.#tokens.get(keyOf(owner))?.isDefault ?? false;
  }

  /** @param ticket taken before the row was read */
  put(owner: Owner, token: CachedToken, ticket: Ticket): void {
    this.#tokens.put(keyOf(owner), token, ticket);
  }

  /** One read for all who want the same row at once; after a drop there is another one. */
  read(
    owner: Owner,
    ticket: Ticket,
    find: () => Promise<TokensOfServer | null>,
  ): Promise<TokensOfServer | null> {
    const key = `${ticket}/${keyOf(owner)}`;
    const underWay = this.#readings.get(key);
    if (underWay) return underWay;
    const reading = find().finally(() => this.#readings.delete(key));
    this.#readings.set(key, reading);
    return reading;
  }

  noteRetried(owner: Owner): void {
    if (this.#retried.size >= mostEntries) this.#retried.clear();
    this.#retried.add(keyOf(owner));
  }

  /** Whether it was so until now. */
  takeRetried(owner: Owner): boolean {
    return this.#retried.delete(keyOf(owner));
  }

  drop(serverId: string, ownerKey?: string): void {
    const wanted = ownerKey === undefined ? null : keyOf({ serverId, ownerKey });
    this.#tokens.drop((key) => (wanted === null ? key.startsWith(`${serverId}/`) : key === wanted));
  }
}

function keyOf({ serverId, ownerKey }: Owner): string {
  return `${serverId}/${ownerKey}`;
}
